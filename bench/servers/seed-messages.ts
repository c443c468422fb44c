import type pg from 'pg';

const CHUNK = 100_000;

/**
 * Writes messages into a group that has none, as rows, by its members in turn: none of them has read any. `database`: a connection that
 * policies do not bind.
 */
export async function seedMessages(database: pg.Client, { group, count }: Readonly<{ group: string; count: number }>): Promise<void> {
  await database.query('set synchronous_commit = off');
  const { rows } = await database.query<{ account_id: string; version: string; members: string[] }>(
    `select h.account_id, h.version, array(select m.user_id from member m where m.conversation_id = $1 order by 1) as members
     from conversation_head h where h.conversation_id = $1 order by h.era desc limit 1`,
    [group],
  );
  const [head] = rows;
  if (head === undefined) throw new Error('there is no such group');
  for (let from = 1; from <= count; from += CHUNK)
    await database.query(
      `insert into message (account_id, conversation_id, seq, id, sender_id, client_message_id, request_hash, type, content, count_seq, version, created_at)
       select $1, $2, n, gen_random_uuid(), ($3::uuid[])[1 + n % cardinality($3::uuid[])], gen_random_uuid(), '\\x00', 'text',
         'This is a message of exactly one hundred bytes, which is about what people write to one another....', n, $4::bigint + n,
         now() - interval '400 days' + n * interval '10 seconds'
       from generate_series($5::bigint, $6::bigint) n`,
      [head.account_id, group, head.members, head.version, from, Math.min(count, from + CHUNK - 1)],
    );
  await database.query(
    `update conversation_head set last_seq = $2, countable = $2, version = version + $2, active_at = (
       select created_at from message where conversation_id = $1 and seq = $2) where conversation_id = $1`,
    [group, count],
  );
  await database.query(
    `update member m set own_since = (select count(*) from message x where x.conversation_id = m.conversation_id and x.sender_id = m.user_id)
     where m.conversation_id = $1`,
    [group],
  );
  await database.query('set synchronous_commit = on');
  await database.query('vacuum analyze');
}
