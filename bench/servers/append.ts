import { randomBytes } from 'node:crypto';
import pg from 'pg';

/**
 * What the product could reach if everything but its database function cost nothing: the function alone, called by a bare
 * script in batches as full as the load allows, two at a time over conversations of their own.
 */
// A type, not an interface: it travels as plain data.
export type AppendOrder = {
  seconds: number;
  inFlight: number;
};
export interface AppendAnswer {
  stored: number;
  other: number;
  seconds: number;
}

interface Target {
  a: string;
  c: string;
  s: string;
  v: string;
}

const LANES = 2;
const MOST_PER_BATCH = 256;
/** Without outbox rows: the product writes them only for what someone consumes, and they belong to no send. */
const QUERY = 'select o, status from append_messages($1::uuid[], $2::uuid[], $3::json, false, false)';
const CONTENT = 'x'.repeat(100);
const HASH = '0'.repeat(64);
const url = process.env['DATABASE_URL'];

async function client(): Promise<pg.Client> {
  const made = new pg.Client({ connectionString: url });
  await made.connect();
  return made;
}

const run = randomBytes(4).toString('hex');
let made = 0;

/** Ids as the application makes them: they begin with the time, so that an index grows at its end. */
function ids(): { i: string; k: string } {
  const time = Date.now().toString(16).padStart(12, '0');
  const number = (made++).toString(16).padStart(12, '0');
  return { i: `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number}`, k: `${run}-0000-4000-8000-${number}` };
}

async function lane(connection: pg.Client, targets: readonly Target[], { seconds, inFlight }: AppendOrder, answer: AppendAnswer) {
  const end = performance.now() + seconds * 1000;
  const size = Math.min(MOST_PER_BATCH, targets.length * inFlight);
  for (let at = 0; performance.now() < end; at += size) {
    const batch = Array.from({ length: size }, (_, o) => {
      const target = targets[(at + o) % targets.length];
      if (!target) throw new Error('a lane has no conversations');
      return { o, g: 0, ...target, ...ids(), h: HASH, t: 'text', x: CONTENT, n: true };
    });
    const conversations = [...new Map(batch.map((row) => [row.c, row.a]))];
    const places = new Map(conversations.map(([c], index) => [c, index + 1]));
    for (const row of batch) row.g = places.get(row.c) ?? 0;
    const values = [conversations.map(([, a]) => a), conversations.map(([c]) => c), JSON.stringify(batch)];
    const { rows } = await connection.query<{ status: string }>({ name: 'append', text: QUERY, values });
    const stored = rows.filter(({ status }) => status === 'stored').length;
    answer.stored += stored;
    answer.other += size - stored;
  }
}

const connections = await Promise.all(Array.from({ length: LANES }, client));
const { rows: targets } = (await connections[0]?.query<Target>(`
  select cv.account_id as a, cv.id as c, s.user_id as s, cv.access_version as v from conversation cv cross join lateral (
    select m.user_id from member m where m.account_id = cv.account_id and m.conversation_id = cv.id limit 1) s
  where cv.type = 'direct'`)) ?? { rows: [] };

async function obey(order: AppendOrder): Promise<AppendAnswer> {
  const answer: AppendAnswer = { stored: 0, other: 0, seconds: 0 };
  const startedAt = performance.now();
  await Promise.all(
    connections.map((connection, at) =>
      lane(
        connection,
        targets.filter((_, index) => index % LANES === at),
        order,
        answer,
      ),
    ),
  );
  return { ...answer, seconds: (performance.now() - startedAt) / 1000 };
}

process.on('message', (order: AppendOrder | 'cpu') => {
  if (order === 'cpu') return;
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
console.log(JSON.stringify({ msg: 'ready', url: 'append' }));
