import { createHash } from 'node:crypto';
import type { AuditChain } from '@coucou/application/ports/audit-chain';
import { type AuditSeal, CHAIN_START, type ChainHead, checkLink, type SealedEntry, sealEntries } from '@coucou/domain/audit/audit-chain';
import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import type { Session, SessionPool } from '../kit/session.ts';
import { setAccount } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import { asSystem, attempted, transaction } from '../transactions/transaction.ts';

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** To the microsecond, whatever the session's settings. */
const utc = (time: string): string => `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** An entry as text, which is what is hashed. */
const ENTRY = `e.account_id, e.id, e.action, e.actor_kind, e.actor_id, e.target_type, e.target_id, e.session_id, e.request_id, ${utc('e.at')} as at,
  e.ip, e.user_agent, e.origin_salt, e.details::text as details, e.details_salt`;

type EntryRow = Readonly<{
  account_id: string;
  id: string;
  action: string;
  actor_kind: string;
  actor_id: string | null;
  target_type: string;
  target_id: string;
  session_id: string | null;
  request_id: string;
  at: string;
  ip: string;
  user_agent: string;
  origin_salt: string | null;
  details: string;
  details_salt: string | null;
}>;

const toSealed = (row: EntryRow): SealedEntry => ({
  accountId: row.account_id,
  id: row.id,
  action: row.action,
  actorKind: row.actor_kind,
  actorId: row.actor_id,
  targetType: row.target_type,
  targetId: row.target_id,
  sessionId: row.session_id,
  requestId: row.request_id,
  at: row.at,
  origin: { salt: row.origin_salt, ip: row.ip, userAgent: row.user_agent },
  details: { salt: row.details_salt, json: row.details },
});

/** Of the chain of an account: held until the commit, so that whoever comes next sees its head. */
const LOCK = 'select pg_advisory_xact_lock(7266826, hashtext($1::text))';
/** By the column and not by its text. */
const HEAD = `select s.number::text, encode(s.hash, 'hex') as hash from audit_seal s order by s.number desc limit 1`;
/** Who has the server's rights may have queued what is sealed already: it is passed over, or nothing would be sealed any more. */
const QUEUED = `
  select ${ENTRY}, exists (select from audit_seal s where s.account_id = e.account_id and s.entry_id = e.id) as is_sealed
  from audit_unsealed u join audit_entry e on e.account_id = u.account_id and e.id = u.entry_id
  order by u.entry_id limit $1`;
const SEAL = `
  insert into audit_seal (account_id, number, entry_id, previous_hash, origin_digest, details_digest, sealed_at, hash)
  select $1, s.number, s."entryId", decode(s."previousHash", 'hex'), decode(s."originDigest", 'hex'), decode(s."detailsDigest", 'hex'),
    s."sealedAt", decode(s.hash, 'hex')
  from jsonb_to_recordset($2::text::jsonb) s(
    number bigint, "entryId" uuid, "previousHash" text, "originDigest" text, "detailsDigest" text, "sealedAt" timestamptz, hash text)`;
const UNQUEUE = 'delete from audit_unsealed where entry_id = any($1::uuid[])';

const isErased = (id: string): string =>
  `exists (select from app_user p where p.account_id = s.account_id and p.id = ${id} and p.deleted_at is not null)`;

/** $1 a number, $2 limit. Whether somebody is erased is looked up where something is. */
const LINKS = `
  select s.number::text, s.entry_id, encode(s.previous_hash, 'hex') as previous_hash, encode(s.origin_digest, 'hex') as origin_digest,
    encode(s.details_digest, 'hex') as details_digest, ${utc('s.sealed_at')} as sealed_at, encode(s.hash, 'hex') as hash,
    e.origin_salt is null and (${isErased('e.actor_id')} or e.actor_kind = 'anonymous' and ${isErased('e.target_id')}) as origin_erased,
    e.details_salt is null and ${isErased('e.target_id')} as details_erased, ${ENTRY}
  from audit_seal s left join audit_entry e on e.account_id = s.account_id and e.id = s.entry_id
  where s.number > $1 order by s.number limit $2`;

type LinkRow = EntryRow &
  Readonly<{
    number: string;
    entry_id: string;
    previous_hash: string;
    origin_digest: string | null;
    details_digest: string | null;
    sealed_at: string;
    hash: string;
    origin_erased: boolean;
    details_erased: boolean;
  }>;

const toSeal = (row: LinkRow): AuditSeal => ({
  number: Number(row.number),
  entryId: row.entry_id,
  previousHash: row.previous_hash,
  originDigest: row.origin_digest,
  detailsDigest: row.details_digest,
  sealedAt: row.sealed_at,
  hash: row.hash,
});

const NUMBER_OF = `select s.number::text from audit_seal s where s.hash = decode($1, 'hex') order by s.number desc limit 1`;
const UNSEALED = `
  select (select count(*) from audit_unsealed)::integer as waiting,
    (select e.id from audit_entry e
     where not exists (select from audit_seal s where s.account_id = e.account_id and s.entry_id = e.id)
       and not exists (select from audit_unsealed u where u.account_id = e.account_id and u.entry_id = e.id)
     order by e.at, e.id limit 1) as stray`;

/** More than so many are not counted one by one. */
const COUNTED = 100_000;
/** The id of an entry (UUIDv7) begins with the milliseconds at which it was made. */
const LAG = `
  select count(*)::integer as waiting,
    greatest(extract(epoch from clock_now()) - ('x' || min(left(replace(entry_id::text, '-', ''), 12)))::bit(48)::bigint / 1000.0, 0)::float
      as oldest_seconds
  from (select entry_id from audit_unsealed limit ${COUNTED}) waiting`;

const HASH = /^[0-9a-f]{64}$/;

type HeadRow = Readonly<{ number: string; hash: string }>;
const toHead = ([row]: readonly HeadRow[]): ChainHead => (row === undefined ? CHAIN_START : { number: Number(row.number), hash: row.hash });

async function sealQueued(session: Session, account: AccountId, most: number): Promise<number> {
  await session.query(LOCK, [account]);
  const { rows: queued } = await session.query<EntryRow & Readonly<{ is_sealed: boolean }>>(QUEUED, [most]);
  if (queued.length === 0) return 0;
  const head = toHead((await session.query<HeadRow>(HEAD)).rows);
  const { rows: clock } = await session.query<{ now: string }>(`select ${utc('clock_now()')} as now`);
  const entries = queued.filter(({ is_sealed: isSealed }) => !isSealed).map(toSealed);
  const seals = sealEntries(sha256, head, entries, clock[0]?.now ?? '');
  await session.query(SEAL, [account, JSON.stringify(seals)]);
  await session.query(UNQUEUE, [queued.map(({ id }) => id)]);
  return seals.length;
}

export function createAuditChain(pool: SessionPool): AuditChain {
  return {
    async waiting() {
      const { rows } = await asSystem(pool, 'audit', (session) =>
        session.query<{ account_id: string }>('select distinct account_id from audit_unsealed'),
      );
      return rows.map(({ account_id: id }) => asId(id));
    },
    seal: (account, most) =>
      attempted('write', () =>
        transaction(pool, 'a seal', `begin; ${setAccount(account)}`, (session) => sealQueued(session, account, most)),
      ),
    async lag() {
      const { rows } = await asSystem(pool, 'audit', (session) =>
        session.query<{ waiting: number; oldest_seconds: number | null }>(LAG, [], 'audit-lag'),
      );
      return { waiting: rows[0]?.waiting ?? 0, oldestSeconds: rows[0]?.oldest_seconds ?? 0 };
    },
    head: async (account) => toHead(await readOnce<HeadRow>(pool, account, HEAD, [], 'audit-head')),
    async check(account, after, most) {
      const rows = await readOnce<LinkRow>(pool, account, LINKS, [after.number, most], 'audit-links');
      let [last, erased] = [after, 0];
      for (const row of rows) {
        const entry = row.id === null ? undefined : toSealed(row);
        const mayBeErased = { origin: row.origin_erased, details: row.details_erased };
        const fault = checkLink(sha256, last, { seal: toSeal(row), entry, mayBeErased });
        if (fault !== undefined) return { last, erased, fault: { ...fault, entryId: row.entry_id } };
        last = { number: Number(row.number), hash: row.hash };
        if (row.origin_salt === null || row.details_salt === null) erased += 1;
      }
      return { last, erased, fault: undefined };
    },
    async numberOf(account, hash) {
      if (!HASH.test(hash)) return undefined;
      const [row] = await readOnce<{ number: string }>(pool, account, NUMBER_OF, [hash], 'audit-number');
      return row && Number(row.number);
    },
    async unsealed(account) {
      const [row] = await readOnce<{ waiting: number; stray: string | null }>(pool, account, UNSEALED, [], 'audit-unsealed');
      return { waiting: row?.waiting ?? 0, stray: row?.stray ?? undefined };
    },
  };
}
