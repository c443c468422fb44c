import type { Session, SessionPool } from './kit/session.ts';
import { asSystem } from './transactions/transaction.ts';

/** Where a database lives. What the server does not tell this login is absent. */
export type Place = Readonly<{
  /** The system identifier, made by `initdb`: another one after a dump was restored on another server. */
  cluster?: string;
  /** Raised by a point-in-time recovery, and by a fail-over. */
  timeline?: number;
  /** The database's number in its cluster: another one after a dump was restored beside the original. */
  database?: number;
}>;

/** Queries with one `value` each, for a primary. */
export const PLACE: Readonly<Record<keyof Place, string>> = {
  cluster: 'select system_identifier::text as value from pg_control_system()',
  // Not that of the last checkpoint, which a promotion raises late.
  timeline: `select ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int as value`,
  database: 'select oid::int8 as value from pg_database where datname = current_database()',
};

/** A hosted PostgreSQL may withhold some of it, and a standby has no timeline of its own. */
async function placeOf(session: Session): Promise<Place> {
  const found: [string, unknown][] = [];
  for (const [name, question] of Object.entries(PLACE)) {
    const answer = await session.query<{ value: unknown }>(question).catch(() => undefined);
    const value = answer?.rows[0]?.value;
    if (value !== undefined && value !== null) found.push([name, value]);
  }
  return Object.fromEntries(found);
}

const NAMES: Readonly<Record<keyof Place, string>> = { cluster: 'system identifier', timeline: 'timeline', database: 'database oid' };

/** Such as `timeline 1, now 2`. */
const differences = (before: Place, now: Place): string[] =>
  (Object.keys(NAMES) as (keyof Place)[])
    .filter((key) => before[key] !== undefined && now[key] !== undefined && before[key] !== now[key])
    .map((key) => `${NAMES[key]} ${before[key]}, now ${now[key]}`);

/**
 * Compares where the database lives with where it lived when it was first used, or last acknowledged (`acknowledgePlace`): answers what
 * differs. Then it may be a copy of an earlier state, and clients need a new epoch to drop what they hold.
 */
export async function comparePlace(pool: SessionPool): Promise<readonly string[]> {
  const now = await pool.use(placeOf);
  return asSystem(pool, 'deployment', async (session) => {
    const { rows } = await session.query<{ place: Place | null }>('select place from deployment');
    const before = rows[0]?.place;
    if (before !== null && before !== undefined) return differences(before, now);
    await session.query('update deployment set place = $1', [JSON.stringify(now)]);
    return [];
  });
}

/**
 * Takes the database for what it is now. With a new epoch clients drop what they hold and start over: the restored state may have gone
 * another way under the same versions. Needs the owner's rights; servers read the epoch when they start. Answers the epoch.
 */
export async function acknowledgePlace(session: Session, { keepEpoch }: Readonly<{ keepEpoch: boolean }>): Promise<string> {
  const place = JSON.stringify(await placeOf(session));
  const set = keepEpoch ? '' : ', epoch = gen_random_uuid()';
  const { rows } = await session.query<{ epoch: string }>(`update deployment set place = $1${set} returning epoch`, [place]);
  const [row] = rows;
  if (row === undefined) throw new Error('the table deployment has no row');
  return row.epoch;
}

/**
 * More rows than a function may keep in memory, so that they are written to a file of the database's disk, which is removed at once. Where the
 * disk is full an update of one row may still find room, and an insert of a message does not.
 */
const SPILL = 'select count(*) from generate_series(1, 10000)';

/** Writes, durably, and takes space on the disk. Throws when the database cannot. */
export const probeWriting = (pool: SessionPool): Promise<void> =>
  asSystem(pool, 'a probe', async (session) => {
    await session.script(`set local work_mem = '64kB'; set local temp_tablespaces = ''`);
    await session.query('update deployment set probed_at = clock_now()');
    await session.query(SPILL);
  });
