import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { providePostgres } from '../../tests/support/services.ts';
import { GroupLoad } from '../load/group-load.ts';
import { percentile } from '@coucou/server/load/percentile';
import { createDatabase, dropDatabases } from '../servers/contestants.ts';
import { type Member, openGroups, post, startServer } from '../servers/product.ts';
import type { ServerProcess } from '../servers/start.ts';
import { type Holder, probeLock } from './lock-probe.ts';
import { seedMessages } from '../servers/seed-messages.ts';

/**
 * Trimming: a group with a long history, of which nobody has read anything, is archived and trimmed while members send, mark what they read and
 * look at pages of it. Windows with trimming and without, under a legal hold, take turns; then trimming goes on to the end. Meanwhile another session locks the conversation
 * again and again, as a change of it does, and says how long it waited, and for whom.
 */
export type RetentionOptions = Readonly<{
  smoke: boolean;
  /** Messages that are trimmed. */
  messages: number;
  members: number;
  /** Of a window. */
  seconds: number;
  /** Messages per second; as many marks, and a fifth as many pages. */
  rate: number;
  rounds: number;
  log(line: string): void;
}>;

export type Window = Readonly<{ trims: boolean; samples: readonly number[]; longestLockMs: number }>;
export type Latencies = Readonly<{ p50: number; p99: number; longestLockMs: number; sends: number }>;
export type RetentionReport = Readonly<{
  postgres: string;
  messages: number;
  members: number;
  rounds: readonly Readonly<{ plain: Latencies; trimming: Latencies }>[];
  plain: Latencies;
  trimming: Latencies;
  /** Of all sends with trimming ÷ of all without. */
  p99Ratio: number;
  trimSeconds: number;
  archives: number;
  /** Of waits that lasted long. */
  holders: readonly (Holder & Readonly<{ trims: boolean }>)[];
  faults: string[];
}>;

const OWNER = { email: 'owner@example.com', password: randomBytes(18).toString('base64url') };
const KEPT = 10_000;
/** Until what was begun before a hold has ended. */
const SETTLING_SECONDS = 3;
const MOST_TRIMMING_MS = 2_400_000;
const MOST_LOCK_MS = 200;
const MOST_RATIO = 1.3;

type Stand = Readonly<{
  server: ServerProcess;
  database: pg.Client;
  prober: pg.Client;
  witness: pg.Client;
  owner: string;
  group: string;
  members: readonly Member[];
}>;

export async function retention(options: RetentionOptions): Promise<RetentionReport> {
  const postgres = await providePostgres();
  const awake = setInterval(() => {}, 1000);
  const opened: { end(): Promise<void> }[] = [];
  let server: ServerProcess | undefined;
  try {
    const url = await createDatabase(postgres.url, 'retention');
    const settings = { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password, SCHEDULES: 'retention.trim=every 1s' };
    server = await startServer(url, [], { settings });
    options.log(`making ${options.members} people`);
    const [opening] = await openGroups(server.url, OWNER, { groups: 1, size: options.members, conversations: 1 });
    const [members, group] = [opening?.members ?? [], opening?.conversationIds[0] ?? ''];
    const [database, prober, witness] = Array.from({ length: 3 }, () => new pg.Client({ connectionString: url })) as [
      pg.Client,
      pg.Client,
      pg.Client,
    ];
    opened.push(database, prober, witness);
    for (const client of [database, prober, witness]) await client.connect();
    // Its lock would else last as long as a flush, and sends would wait for the probe.
    await prober.query('set synchronous_commit = off');
    options.log(`writing ${options.messages + KEPT} messages`);
    await seedMessages(database, { group, count: options.messages + KEPT });
    const { accessToken: owner } = await post<{ accessToken: string }>(server.url, '/auth/login', OWNER);
    const measured = await measure({ server, database, prober, witness, owner, group, members }, options);
    return {
      ...measured,
      messages: options.messages,
      members: options.members,
      postgres: `PostgreSQL ${postgres.version} (${postgres.source})`,
    };
  } finally {
    for (const client of opened) await client.end();
    await server?.stop();
    if (postgres.source === 'given') await dropDatabases(postgres.url, ['retention']);
    await postgres.stop();
    clearInterval(awake);
  }
}

async function measure({ server, database, prober, witness, owner, group, members }: Stand, options: RetentionOptions) {
  const { seconds, rate, rounds, smoke, log } = options;
  const faults: string[] = [];
  const api = async (method: string, path: string, body?: object, token = owner): Promise<Record<string, never>> => {
    const response = await fetch(`${server.url.replace(/\/$/, '')}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return response.status === 204 ? {} : ((await response.json()) as Record<string, never>);
  };
  const hold = () => api('PUT', `/admin/conversations/${group}/hold`, { reason: 'a window without trimming' });
  const release = () => api('DELETE', `/admin/conversations/${group}/hold`);
  const firstSeq = async (): Promise<number> =>
    Number((await database.query('select first_seq from conversation where id = $1', [group])).rows[0].first_seq);
  const left = async (): Promise<number> =>
    Number(
      (await database.query('select count(*) as count from message where conversation_id = $1 and seq <= $2', [group, options.messages]))
        .rows[0].count,
    );

  const heard = { firstSeq: 1 };
  const load = await GroupLoad.connect(
    server.url,
    members.slice(0, Math.min(40, members.length - 1)),
    group,
    (seq) => (heard.firstSeq = Math.max(heard.firstSeq, seq)),
  );
  const holders: (Holder & Readonly<{ trims: boolean }>)[] = [];
  const window = async (trims: boolean, lasting = seconds): Promise<Window> => {
    const probe = probeLock({ prober, witness, group }, (holder) => holders.push({ trims, ...holder }));
    const samples = await load.run({ seconds: lasting, rate });
    if (load.missing > 0) faults.push(`${load.missing} messages were not acknowledged`);
    return { trims, samples, longestLockMs: await probe.stop() };
  };

  await hold();
  await api('PUT', '/admin/retention', { maxMessages: KEPT, archive: true });
  await window(false, 3);
  const windows: Window[] = [];
  let trimSeconds = 0;
  const trimming = async (): Promise<Window> => {
    await release();
    const began = performance.now();
    const found = await window(true);
    await hold();
    trimSeconds += (performance.now() - began) / 1_000;
    await window(false, SETTLING_SECONDS);
    return found;
  };
  const pairs: (readonly [Window, Window])[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const [plain, trims] = round % 2 === 1 ? [await window(false), await trimming()] : await swapped(trimming, () => window(false));
    windows.push(plain, trims);
    pairs.push([plain, trims]);
    log(`round ${round}: p99 ${of([plain]).p99.toFixed(1)} ms, trimming ${of([trims]).p99.toFixed(1)} ms; kept from ${await firstSeq()}`);
  }
  // Windows without trimming in between, so that both kinds meet the same machine.
  const until = performance.now() + MOST_TRIMMING_MS;
  while ((await left()) > 0 && performance.now() < until) {
    await release();
    const began = performance.now();
    for (let each = 0; each < 3; each += 1) windows.push(await window(true));
    trimSeconds += (performance.now() - began) / 1_000;
    await hold();
    await window(false, SETTLING_SECONDS);
    windows.push(await window(false));
    log(`${await left()} left; kept from ${await firstSeq()}`);
  }
  await release();

  const [plain, trims] = [of(windows.filter((each) => !each.trims)), of(windows.filter((each) => each.trims))];
  if (trims.longestLockMs > MOST_LOCK_MS) faults.push(`the conversation was locked for ${trims.longestLockMs.toFixed(0)} ms`);
  if (!smoke && trims.p99 / plain.p99 > MOST_RATIO)
    faults.push(`sends took ${(trims.p99 / plain.p99).toFixed(2)} times as long at the 99th percentile`);
  await drained();
  const archives = await check();
  load.close();
  return {
    rounds: pairs.map(([one, other]) => ({ plain: of([one]), trimming: of([other]) })),
    plain,
    trimming: trims,
    p99Ratio: trims.p99 / plain.p99,
    trimSeconds,
    archives,
    holders,
    faults,
  };

  /** What was sent meanwhile moved the bound on: until there is nothing left to trim, and nothing stored of what was trimmed. */
  async function drained(): Promise<void> {
    const below = async () =>
      Number(
        (
          await database.query(
            'select count(*) as count from message m join conversation c on c.id = m.conversation_id where c.id = $1 and m.seq < c.first_seq',
            [group],
          )
        ).rows[0].count,
      );
    const due = async () => Number((await api('POST', '/admin/retention/preview', { conversationId: group }))['messages']);
    for (let waited = 0; ((await due()) > 0 || (await below()) > 0) && waited < 120; waited += 1) await sleep(1_000);
  }

  /** Of what members see, and of what was archived. Answers how many archives there are. */
  async function check(): Promise<number> {
    const expect = (what: string, found: unknown, wanted: unknown) => {
      if (found !== wanted) faults.push(`${what}: ${String(found)} instead of ${String(wanted)}`);
    };
    // Messages that were sent meanwhile moved the bound on; by so many more were trimmed.
    const floor = await firstSeq();
    const { rows } = await database.query(
      `select (select count(*) from message where conversation_id = $1 and seq < $2) as below,
        (select count(*) from message where conversation_id = $1 and seq >= $2) as kept,
        (select last_seq from conversation_head where conversation_id = $1 order by era desc limit 1) as last,
        (select sum(messages) from retention_archive where conversation_id = $1 and not pending) as archived,
        (select count(*) from retention_archive where conversation_id = $1 and not pending) as archives,
        (select count(*) from member m where m.conversation_id = $1 and m.read_seq < $2 - 1) as behind,
        (select count(*) from member m cross join conversation_head h where m.conversation_id = $1 and h.conversation_id = $1
          and h.countable - m.unread_base - m.own_since <> (select count(*) from message x where x.conversation_id = $1
            and x.seq > coalesce(m.unread_from_seq - 1, m.read_seq) and x.sender_id <> m.user_id)) as wrong`,
      [group, floor],
    );
    const [state] = rows;
    expect('messages below the first kept one', Number(state.below), 0);
    expect('kept messages', Number(state.kept), Number(state.last) - floor + 1);
    expect('archived messages', Number(state.archived), floor - 1);
    expect('members who have not read what is gone', Number(state.behind), 0);
    expect('members with another count of unread messages than there are', Number(state.wrong), 0);
    expect('the first kept seq that clients heard of', heard.firstSeq, floor);
    const idle = members.at(-1);
    const view = (await api('GET', `/conversations/${group}`, undefined, idle?.token)) as unknown as {
      firstSeq: number;
      unread: { messages: number };
    };
    expect('the first kept seq that a member reads', view.firstSeq, floor);
    const { rows: others } = await database.query(
      'select count(*) as count from message where conversation_id = $1 and seq >= $2 and sender_id <> $3',
      [group, floor, idle?.id],
    );
    expect('unread messages of a member who never read', view.unread.messages, Number(others[0].count));
    return Number(state.archives);
  }
}

const swapped = async <A, B>(first: () => Promise<A>, second: () => Promise<B>): Promise<[B, A]> => {
  const one = await first();
  return [await second(), one];
};

function of(windows: readonly Window[]): Latencies {
  const samples = Float64Array.from(windows.flatMap((each) => each.samples));
  return {
    p50: percentile(samples, 0.5),
    p99: percentile(samples, 0.99),
    longestLockMs: Math.max(...windows.map((each) => each.longestLockMs)),
    sends: samples.length,
  };
}
