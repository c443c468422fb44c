import type { DomainEvent, EventOf } from '@coucou/application/kernel/event';
import { receiptPublisher } from '@coucou/application/receipts/receipt-audience';
import { unreadChanged } from '@coucou/application/receipts/receipt-events';
import { asId } from '@coucou/domain/kernel/ids';
import { createPgPool, RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import { createReceiptLog } from '@coucou/postgres/receipts/receipt-log';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { providePostgres } from '../../tests/support/services.ts';
import { postgresCpu, type Spread, spread } from '../measure.ts';
import { dropDatabases } from '../servers/contestants.ts';
import { find, seedDatabase } from '../servers/seeded.ts';

/**
 * S13: read marks in a busy group through the product's log beside one UPDATE, in a transaction of its own, for each. Everybody counts as
 * connected: the product also adds up, and tells each of them, what is unread in all of their conversations.
 */
export type ReceiptsOptions = Readonly<{ rounds: number; marks: number; smoke: boolean; log(line: string): void }>;
type Way = 'product' | 'updates';
/** `told`: until everybody has been told what is left unread, too, which nobody waits for and the updates do not do. */
type Figures = Readonly<{ perSecond: number; postgresMicros: number | undefined; millis: number; told: number }>;
export type ReceiptsReport = Readonly<{
  postgres: string;
  people: number;
  rounds: Record<Way, Figures>[];
  ratio: Spread;
  toldRatio: Spread;
  postgresRatio: Spread | undefined;
  faults: string[];
}>;

/** As many connections for both: the product's own number. */
const CONNECTIONS = 8;
const SIZE = 5_000;

/** The limit as kind as it can be: the mark moves and nothing else is counted, numbered or told. */
const UPDATE = `update member set read_seq = greatest(read_seq, $3), delivered_seq = greatest(delivered_seq, $3)
  where conversation_id = $1 and user_id = $2 and left_at is null`;
/** Everyone has read what was there before the last so many messages. */
const RESET = `update member m set read_seq = $2, delivered_seq = $2, unread_from_seq = null,
    unread_base = (select x.count_seq from message x where x.conversation_id = m.conversation_id and x.seq = $2),
    own_since = (
      select count(*) from message x where x.conversation_id = m.conversation_id and x.seq > $2 and x.sender_id = m.user_id
        and x.type <> 'system' and x.thread_root_seq is null)
  where m.conversation_id = $1`;
const STANDING = 'select user_id, read_seq from member where conversation_id = $1 and left_at is null';

const isUnread = (event: DomainEvent): event is EventOf<typeof unreadChanged> => event.type === unreadChanged.type;

type Mark = Readonly<{ user: string; seq: number }>;

export async function receipts(options: ReceiptsOptions): Promise<ReceiptsReport> {
  const postgres = await providePostgres();
  let pool: SessionPool | undefined;
  try {
    options.log(`seeding ${SIZE} messages`);
    const url = await seedDatabase({ databaseUrl: postgres.url, size: SIZE, purpose: `seeded_${SIZE}` });
    const { account, conversation } = await find(url);
    pool = createPgPool({ url, max: CONNECTIONS, onConnect: `${RUNTIME_SESSION}; set app.account_id = '${account}'` });
    const measured = await measure({ pool, account, conversation, cpu: await postgresCpu(postgres.url) }, options);
    return { ...measured, postgres: `PostgreSQL ${postgres.version} (${postgres.source})` };
  } finally {
    const awake = setInterval(() => {}, 1000);
    await pool?.end();
    if (postgres.source === 'given') await dropDatabases(postgres.url, [`seeded_${SIZE}`]);
    await postgres.stop();
    clearInterval(awake);
  }
}

type Stand = Readonly<{ pool: SessionPool; account: string; conversation: string; cpu: (() => number) | undefined }>;

async function measure({ pool, account, conversation, cpu }: Stand, { rounds, marks, smoke, log }: ReceiptsOptions) {
  const faults: string[] = [];
  const ask = <R>(text: string, params: readonly unknown[]) => pool.use(async (session) => (await session.query<R>(text, params)).rows);
  const standing = () => ask<{ user_id: string; read_seq: number }>(STANDING, [conversation]);
  const people = (await standing()).map(({ user_id }) => user_id);
  // Everyone reads on, in turn: what a group looks like whose members scroll through what is new.
  const batch = Array.from({ length: marks }, (_, at): Mark => ({ user: people[at % people.length] ?? '', seq: SIZE - marks + at + 1 }));
  const furthest = new Map(batch.map(({ user, seq }) => [user, seq]));

  /** Answers when all marks had been acknowledged. */
  const ways: Record<Way, () => Promise<number>> = {
    async product() {
      const told: DomainEvent[] = [];
      // All marks are there at once: to wait for more of them, as a server does, would be to measure the wait.
      const receiptLog = createReceiptLog({
        pool,
        gatherMs: 0,
        observer: receiptPublisher({ publish: (_account, events) => void told.push(...events) }),
      });
      await Promise.all(
        batch.map(({ user, seq }) =>
          receiptLog.mark(asId(account), asId(user), [{ conversationId: asId(conversation), deliveredSeq: seq, readSeq: seq }]),
        ),
      );
      const marked = performance.now();
      await receiptLog.settled();
      const totals = new Set(told.flatMap((event) => (isUnread(event) ? [event.userId] : []))).size;
      if (totals !== furthest.size) faults.push(`product: ${totals} of ${furthest.size} were told what is unread`);
      return marked;
    },
    async updates() {
      await Promise.all(
        batch.map(({ user, seq }) => pool.use((session) => session.query(UPDATE, [conversation, user, seq], 'bench-update'))),
      );
      return performance.now();
    },
  };
  const turn = async (way: Way) => {
    await ask(RESET, [conversation, SIZE - marks]);
    const [postgresBefore, before] = [cpu?.(), performance.now()];
    const marked = await ways[way]();
    const [millis, told] = [marked - before, performance.now() - before];
    const postgresMicros = cpu && cpu() - (postgresBefore ?? 0);
    const wrong = (await standing()).filter(({ user_id, read_seq }) => read_seq !== (furthest.get(user_id) ?? SIZE - marks)).length;
    if (wrong > 0) faults.push(`${way}: ${wrong} of ${people.length} marks are not where they belong`);
    return { millis, told, postgresMicros };
  };
  // On every connection, as in a server that has been up for a minute: prepared once, statements are not planned again.
  for (let times = 0; times < 2 * CONNECTIONS; times += 1) for (const way of ['product', 'updates'] as const) await turn(way);
  const kept: Record<Way, Figures>[] = [];
  for (let round = 1; round <= (smoke ? 1 : rounds); round += 1) {
    const [a1, b1, b2, a2] = [await turn('product'), await turn('updates'), await turn('updates'), await turn('product')];
    const figures = (...turns: { millis: number; told: number; postgresMicros: number | undefined }[]): Figures => {
      const millis = turns.reduce((sum, each) => sum + each.millis, 0);
      const micros = turns.every(({ postgresMicros }) => postgresMicros !== undefined)
        ? turns.reduce((sum, each) => sum + (each.postgresMicros ?? 0), 0)
        : undefined;
      return {
        perSecond: (turns.length * marks * 1000) / millis,
        millis: millis / turns.length,
        told: turns.reduce((sum, each) => sum + each.told, 0) / turns.length,
        postgresMicros: micros === undefined ? undefined : micros / (turns.length * marks),
      };
    };
    kept.push({ product: figures(a1, a2), updates: figures(b1, b2) });
    log(
      `round ${round}: product ${Math.round(kept.at(-1)?.product.perSecond ?? 0)}/s, updates ${Math.round(kept.at(-1)?.updates.perSecond ?? 0)}/s`,
    );
  }
  const byCpu = kept.flatMap(({ product, updates }) =>
    product.postgresMicros && updates.postgresMicros ? [updates.postgresMicros / product.postgresMicros] : [],
  );
  return {
    people: people.length,
    rounds: kept,
    ratio: spread(kept.map(({ product, updates }) => product.perSecond / updates.perSecond)),
    toldRatio: spread(kept.map(({ product, updates }) => updates.told / product.told)),
    postgresRatio: byCpu.length > 0 ? spread(byCpu) : undefined,
    faults,
  };
}
