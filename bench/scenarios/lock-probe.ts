import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

const PROBE_MS = 25;
const LONG_MS = 60;

/** Whom the conversation's lock was waited for, as it was when the wait had lasted `after` milliseconds. */
export type Holder = Readonly<{ after: number; statement: string; waitsFor: string; heldMs: number }>;

/**
 * Locks the conversation as every change of it does; answers how long it had to wait at most, in milliseconds. `onLong` hears of waits above 60 ms,
 * for as long as they last.
 */
export function probeLock(
  { prober, witness, group }: Readonly<{ prober: pg.Client; witness: pg.Client; group: string }>,
  onLong: (holder: Holder) => void,
): { stop(): Promise<number> } {
  const stopping = new AbortController();
  let isAsking = false;
  const watch = async (after: number): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    for (const holder of await holdersOf(witness, prober)) onLong({ after: Math.round(after), ...holder });
    isAsking = false;
  };
  const probe = async (): Promise<number> => {
    let longest = 0;
    while (!stopping.signal.aborted) {
      const began = performance.now();
      const watching = setInterval(() => void watch(performance.now() - began), LONG_MS);
      await prober.query('select from conversation_head where conversation_id = $1 order by era desc limit 1 for no key update', [group]);
      clearInterval(watching);
      longest = Math.max(longest, performance.now() - began);
      await sleep(PROBE_MS);
    }
    return longest;
  };
  const running = probe();
  return {
    stop() {
      stopping.abort();
      return running;
    },
  };
}

/**
 * The sessions that the prober waits for and that wait for no other session; its own where nobody blocks it, for it waits for the disk or a
 * processor then.
 */
async function holdersOf(witness: pg.Client, prober: pg.Client): Promise<Omit<Holder, 'after'>[]> {
  const { rows } = await witness.query<{ query: string; event: string; held: number }>(
    `with recursive blocking as (
       select $1::int as pid
       union
       select b.pid from blocking, lateral unnest(pg_blocking_pids(blocking.pid)) as b(pid)
     )
     select left(a.query, 80) as query, a.state || ' ' || coalesce(a.wait_event_type || '/' || a.wait_event, 'running') as event,
       extract(milliseconds from clock_timestamp() - coalesce(a.xact_start, a.query_start))::int as held
     from blocking join pg_stat_activity a using (pid) where cardinality(pg_blocking_pids(a.pid)) = 0`,
    [(prober as unknown as { processID: number }).processID],
  );
  return rows.map(({ query, event, held }) => ({ statement: query, waitsFor: event, heldMs: held }));
}
