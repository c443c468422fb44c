import { fold } from '@coucou/domain/kernel/folding';
import type { Session } from '@coucou/postgres/kit/session';
import type { FinalConversation, FinalRow, Membership } from '../faults/checkers/history.ts';
import type { Ledger } from './ledger.ts';

/**
 * Before anything is stored: memberships are written down as they change, in the transaction that changes them. Ids that SQL makes follow from the
 * seed: those of PostgreSQL come from a pool of random bytes that outlives a simulation.
 */
export async function prepare(session: Session, seed: number): Promise<void> {
  await session.script(`
    set plan_cache_mode = force_generic_plan;
    select setseed(${(seed % 1_000_003) / 1_000_003});
    create or replace function pg_catalog.gen_random_uuid() returns uuid language sql volatile as
      $$ select encode(substr(sha256((random()::text || random()::text)::bytea), 1, 16), 'hex')::uuid $$;
    drop table if exists simulated_membership;
    create table simulated_membership (place bigserial, user_id uuid, conversation_id uuid, version int8, is_member boolean);
    create or replace function note_membership() returns trigger language plpgsql security definer as $$
    begin
      if tg_op = 'INSERT' or (old.left_at is null) <> (new.left_at is null) then
        insert into public.simulated_membership (user_id, conversation_id, version, is_member)
        values (new.user_id, new.conversation_id, new.version, new.left_at is null);
      end if;
      return new;
    end $$;
    drop trigger if exists note_membership on member;
    create trigger note_membership after insert or update on member for each row execute function note_membership();`);
}

export type FinalState = Readonly<{ rows: FinalRow[]; conversations: FinalConversation[]; memberships: Membership[] }>;

type Row = Omit<FinalRow, 'value'> & Readonly<{ content: string | null }>;
type Change = Readonly<{ user: string; conversation: string; version: number; isMember: boolean }>;

export async function readFinalState(session: Session, ledger: Ledger): Promise<FinalState> {
  const ask = async <R>(text: string): Promise<R[]> => (await session.query<R>(text)).rows;
  const rows = await ask<Row>(`
    select conversation_id as conversation, seq, version, sender_id as sender, client_message_id as id, content from message
    order by conversation_id, seq`);
  const changes = await ask<Change>(`
    select user_id as user, conversation_id as conversation, version, is_member as "isMember" from simulated_membership order by place`);
  const memberships: { user: string; conversation: string; from: number; until?: number }[] = [];
  for (const { user, conversation, version, isMember } of changes) {
    const open = memberships.find((one) => one.user === user && one.conversation === conversation && one.until === undefined);
    if (isMember && open === undefined) memberships.push({ user, conversation, from: version });
    else if (!isMember && open !== undefined) open.until = version;
  }
  return {
    rows: rows.map(({ content, ...row }) => ({ ...row, value: ledger.value(row.id, content ?? undefined) })),
    conversations: await readHeads(session),
    memberships,
  };
}

export const readHeads = async (session: Session): Promise<FinalConversation[]> =>
  (
    await session.query<FinalConversation>(
      'select conversation_id as id, max(version) as version, max(last_seq) as "lastSeq" from conversation_head group by 1 order by 1',
    )
  ).rows;

/** What the outbox still owes: messages that the search does not find by their present text, and entries of what can be found no more. */
export async function readMissingEffects(session: Session): Promise<string[]> {
  const { rows } = await session.query<{ conversation: string; seq: number; content: string | null; folded: string | null }>(`
    select conversation_id as conversation, seq, x.content, s.folded
    from (select * from message where type <> 'system' and deleted_at is null and content is not null) x
    full join message_search s using (account_id, conversation_id, seq) order by 1, 2`);
  return rows
    .filter(({ content, folded }) => (content === null ? null : fold(content).text) !== folded)
    .map(({ conversation, seq, content, folded }) => `${conversation} ${seq} says "${content}", and is found as "${folded}"`);
}
