import { setTimeout as pause } from 'node:timers/promises';
import type { Session, SessionPool } from '../kit/session.ts';
import { primaryLineages } from './lineage.ts';

/** Where the primary stands. */
export type Position = Readonly<{
  lineage: string;
  /** In the WAL, behind everything that anybody has seen of synchronous commits, and of asynchronous ones too. */
  flushed: string;
  inserted: string;
  /** Transactions that nobody sees yet: those, and the ones from `next` on. */
  running: readonly string[];
  next: string;
}>;

/**
 * Everything that is visible was inserted before, and what is visible and was not committed asynchronously was flushed before. The snapshot
 * is one value: read twice, it would be two.
 */
const POSITION = `
  select pg_current_wal_flush_lsn()::text as flushed, pg_current_wal_insert_lsn()::text as inserted,
    array(select x::text from pg_snapshot_xip(s) x) as running, pg_snapshot_xmax(s)::text as next
  from (select pg_current_snapshot() as s offset 0) taken`;

/** Between two questions, so that their number has a bound. */
const GATHER_MS = 1;

/**
 * Asks the primary where it stands. Those who ask while a question is under way share the next one: an answer is never older than the
 * moment at which it was asked for.
 */
export function createPositions(primary: SessionPool): () => Promise<Position> {
  const lineages = primaryLineages();
  let sent: Promise<unknown> = Promise.resolve();
  let next: Promise<Position> | undefined;

  const ask = (session: Session): Promise<Position> =>
    lineages.of(session).then(async (lineage) => {
      const { rows } = await session.query<Omit<Position, 'lineage'>>(POSITION, [], 'primary-position');
      const [row] = rows;
      if (row === undefined) throw new Error('the primary has no position');
      return { ...row, lineage };
    });

  async function send(): Promise<Position> {
    await sent;
    next = undefined;
    const asked = primary.use(ask);
    sent = Promise.allSettled([asked, pause(GATHER_MS, undefined, { ref: false })]);
    return asked;
  }

  return () => (next ??= send());
}
