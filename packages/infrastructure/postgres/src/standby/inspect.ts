import { createPgPool } from '../kit/pg-pool.ts';
import { primaryLineages, standbyLineages } from './lineage.ts';

type StandbyInspection = Readonly<{
  /** Replays what another server wrote. */
  follows: boolean;
  /** The same system, timeline and database as the primary. */
  isSame: boolean;
  /** What it has not replayed of what the primary had flushed. */
  behindBytes: number;
}>;

const BEHIND = `
  select pg_is_in_recovery() as follows, greatest(pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn()), 0)::float8 as behind`;

/** What an operator may have set up wrong. Throws when one of the two does not answer. */
export async function inspectStandby({ url, readUrl }: Readonly<{ url: string; readUrl: string }>): Promise<StandbyInspection> {
  const primary = createPgPool({ url, max: 1 });
  const standby = createPgPool({ url: readUrl, max: 1 });
  try {
    const [lineage, flushed] = await primary.use(async (session) => {
      const { rows } = await session.query<{ flushed: string }>('select pg_current_wal_flush_lsn()::text as flushed');
      return [await primaryLineages().of(session), rows[0]?.flushed] as const;
    });
    return await standby.use(async (session) => {
      const { rows } = await session.query<{ follows: boolean; behind: number | null }>(BEHIND, [flushed]);
      const isSame = (await standbyLineages().of(session)) === lineage;
      return { follows: rows[0]?.follows === true, isSame, behindBytes: rows[0]?.behind ?? 0 };
    });
  } finally {
    await Promise.all([primary.end(), standby.end()]);
  }
}
