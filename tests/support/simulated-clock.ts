import type { Clock } from '@coucou/application/ports/clock';
import type { SessionPool } from '@coucou/postgres/kit/session';

/** One time for the use-cases and for the SQL of a database. It stands still until it is moved. */
export type SimulatedClock = Clock & Readonly<{ moveTo(at: Date): Promise<void> }>;

const SIMULATE = `
  create table simulated_clock (at timestamptz not null);
  grant select, update on simulated_clock to public;
  create or replace function clock_now() returns timestamptz
  language sql volatile parallel safe
  as $function$ select at from public.simulated_clock $function$`;

/** Replaces the clock of a database, which has to be the test's own; `owner` owns its schema. It is moved over `pool`. */
export async function simulateClock(owner: SessionPool, at: Date, pool: SessionPool = owner): Promise<SimulatedClock> {
  let now = at;
  await owner.use(async (session) => {
    await session.script(SIMULATE);
    await session.query('insert into simulated_clock values ($1)', [at]);
  });
  return {
    now: () => now,
    async moveTo(to) {
      await pool.use((session) => session.query('update simulated_clock set at = $1', [to], 'simulated-clock'));
      now = to;
    },
  };
}
