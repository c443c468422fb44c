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
  account_id: string;
  conversation_id: string;
  sender_id: string;
  access_version: string;
}

const LANES = 2;
const MOST_PER_BATCH = 256;
/** Without outbox rows: the product writes them only for what someone consumes, and they belong to no send. */
const QUERY = 'select status from append_messages($1::uuid[], $2::uuid[], $3::json, false, false)';
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
function ids(): { message_id: string; client_message_id: string } {
  const time = Date.now().toString(16).padStart(12, '0');
  const number = (made++).toString(16).padStart(12, '0');
  return { message_id: `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number}`, client_message_id: `${run}-0000-4000-8000-${number}` };
}

async function lane(connection: pg.Client, targets: readonly Target[], { seconds, inFlight }: AppendOrder, answer: AppendAnswer) {
  const end = performance.now() + seconds * 1000;
  const size = Math.min(MOST_PER_BATCH, targets.length * inFlight);
  for (let at = 0; performance.now() < end; at += size) {
    const chosen = Array.from({ length: size }, (_, index) => {
      const target = targets[(at + index) % targets.length];
      if (!target) throw new Error('a lane has no conversations');
      return target;
    });
    const conversations = [...new Map(chosen.map((target) => [target.conversation_id, target.account_id]))];
    const indexes = new Map(conversations.map(([id], index) => [id, index + 1]));
    const batch = chosen.map(({ conversation_id, sender_id, access_version }, index) => ({
      request_index: index,
      conversation_index: indexes.get(conversation_id),
      sender_id,
      ...ids(),
      request_hash: HASH,
      type: 'text',
      content: CONTENT,
      access_version,
      countable: true,
    }));
    const values = [conversations.map(([, account]) => account), conversations.map(([id]) => id), JSON.stringify(batch)];
    const { rows } = await connection.query<{ status: string }>({ name: 'append', text: QUERY, values });
    const stored = rows.filter(({ status }) => status === 'stored').length;
    answer.stored += stored;
    answer.other += size - stored;
  }
}

const connections = await Promise.all(Array.from({ length: LANES }, client));
const { rows: targets } = (await connections[0]?.query<Target>(`
  select cv.account_id, cv.id as conversation_id, s.user_id as sender_id, h.access_version from conversation cv
  join conversation_head h on h.account_id = cv.account_id and h.conversation_id = cv.id cross join lateral (
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
