import pg from 'pg';
import type { FinalConversation, FinalRow, Membership } from '../checkers/history.ts';

/** What the database holds in the end; `url` is a superuser's, whom no policy binds. */
export async function readFinalState(
  url: string,
): Promise<Readonly<{ rows: FinalRow[]; conversations: FinalConversation[]; memberships: Membership[] }>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  // Counters stay below 2^53: numbers, not strings.
  const ask = async <Row extends pg.QueryResultRow>(text: string): Promise<Row[]> => (await client.query<Row>(text)).rows;
  try {
    const rows = await ask<FinalRow>(`
      select conversation_id as conversation, seq::float8, version::float8, sender_id as sender, client_message_id as id, content as value,
        floor(extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000)::float8 as "committedAt"
      from message order by conversation_id, seq`);
    const conversations = await ask<FinalConversation>(`
      select conversation_id as id, max(version)::float8 as version, max(last_seq)::float8 as "lastSeq" from conversation_head group by 1`);
    const members = await ask<{ user: string; conversation: string; left: boolean; version: number }>(`
      select user_id as user, conversation_id as conversation, left_at is not null as left, version::float8 from member`);
    // Of whoever is a member, the row says when it last changed; all here have joined when the conversation was made.
    const memberships = members.map(({ user, conversation, left, version }) => ({
      user,
      conversation,
      from: 0,
      ...(left && { until: version }),
    }));
    return { rows, conversations, memberships };
  } finally {
    await client.end();
  }
}

/** The version of each conversation. */
export async function readVersions(url: string): Promise<ReadonlyMap<string, number>> {
  const { conversations } = await readFinalState(url);
  return new Map(conversations.map(({ id, version }) => [id, version]));
}
