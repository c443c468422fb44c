import type { ThreadRepository } from '@coucou/domain/threads/thread-repository';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

export function createThreadRepository(db: Kysely<Tables>): ThreadRepository {
  return {
    async mark(root, user, readSeq) {
      const { rows } = await sql<{ read_seq: number }>`
        insert into thread_mark as t (account_id, user_id, conversation_id, root_seq, read_seq)
        select x.account_id, ${user}::uuid, x.conversation_id, x.seq, least(${readSeq ?? null}::bigint, x.last_reply_seq) from message x
        where x.conversation_id = ${root.conversationId} and x.seq = ${root.seq} and x.last_reply_seq is not null
        on conflict (account_id, user_id, conversation_id, root_seq) do update set read_seq = excluded.read_seq
        where excluded.read_seq > t.read_seq
        returning read_seq`.execute(db);
      return rows[0]?.read_seq;
    },
  };
}
