import type { Generated } from 'kysely';

export type RetentionTable = {
  account_id: string;
  scope_id: string;
  conversation_id: string | null;
  has_policy: boolean;
  max_age_days: number | null;
  max_messages: number | null;
  archive: boolean;
  held_at: Date | null;
  held_by: string | null;
  held_reason: string | null;
  removed_to: number;
};

export type ArchiveTable = {
  account_id: string;
  id: string;
  conversation_id: string;
  first_seq: number;
  last_seq: number;
  messages: number;
  bytes: number;
  storage_key: string;
  pending: Generated<boolean>;
  created_at: Date;
};

export type RetentionTables = { retention: RetentionTable; retention_archive: ArchiveTable };

/** The policy that is asked about instead of the account's; without it, what is stored. */
export type GivenPolicy = Readonly<{ given: string; maxAgeDays: string; maxMessages: string; over: string }>;

const STORED = (column: string): string => `case when r.has_policy then r.${column} when a.has_policy then a.${column} end`;
const withGiven = (column: string, value: string, { given, over }: GivenPolicy): string =>
  `case when r.has_policy and not ${over} then r.${column} when ${given} then ${value} when r.has_policy then r.${column} when a.has_policy then a.${column} end`;

/**
 * The conversation `c` as retention finds it, as `t`: `target` is the last seq that is to be trimmed at the time `now` by the policy that holds for it. Each part is one
 * look-up along an index, however long the conversation is: numbers have no gaps, and times never go back.
 */
export const plansOf = (now: string, given?: GivenPolicy): string => `
  cross join lateral (
    select n.last_seq, n.version from conversation_head n
    where n.account_id = c.account_id and n.conversation_id = c.id order by n.era desc limit 1
  ) h
  left join retention a on a.account_id = c.account_id and a.scope_id = c.account_id
  left join retention r on r.account_id = c.account_id and r.scope_id = c.id
  cross join lateral (
    select ${given ? withGiven('max_age_days', given.maxAgeDays, given) : STORED('max_age_days')} as max_age_days,
      ${given ? withGiven('max_messages', given.maxMessages, given) : STORED('max_messages')} as max_messages
  ) p
  cross join lateral (
    select h.version, a.held_at is not null or r.held_at is not null as held, coalesce(${STORED('archive')}, false) as archive,
      c.first_seq - 1 > coalesce(r.removed_to, 0) as leftovers,
      least(h.last_seq, greatest(0, h.last_seq - p.max_messages, case when p.max_age_days is not null then (
        select x.seq from message x
        where x.account_id = c.account_id and x.conversation_id = c.id and x.created_at < ${now} - p.max_age_days * interval '1 day'
        order by x.created_at desc, x.seq desc limit 1) end)) as target
  ) t`;
