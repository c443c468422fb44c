import type { HealthCheck } from '@coucou/application/ports/health';
import type { Refusal } from '@coucou/postgres/standby/standby';
import type { Storage } from '@coucou/postgres/storage';

const PROBE_EVERY_MS = 1_000;
const REFUSALS: Readonly<Record<Refusal, string>> = {
  away: 'the standby does not answer',
  behind: 'the standby is behind',
  foreign: 'DATABASE_READ_URL is not, or no longer, a standby of this database',
  unasked: 'the primary did not say where it stands',
  ahead: 'the standby is ahead',
  conflict: 'reads of the standby are cancelled',
  failed: 'reads of the standby fail',
};
/** A standby may be behind for a moment. */
const BEHIND_MS = 10_000;

/** Reports `down` while draining, so that load balancers stop sending. */
export const serverCheck = (isDraining: () => boolean): HealthCheck => ({
  name: 'server',
  check: async () => (isDraining() ? { status: 'down', detail: 'draining' } : { status: 'up' }),
});

/** Probes writing as well as reading. The result is cached for a second, since the path needs no authentication. */
export function databaseCheck(storage: Pick<Storage, 'probe'>): HealthCheck {
  let last: Readonly<{ at: number; probe: Promise<void> }> | undefined;
  return {
    name: 'database',
    async check() {
      const now = performance.now();
      if (last === undefined || now - last.at >= PROBE_EVERY_MS) last = { at: now, probe: storage.probe() };
      await last.probe;
      return { status: 'up' };
    },
  };
}

/** The server reads from the primary meanwhile. */
export const standbyCheck = ({ standby }: Pick<Storage, 'standby'>): readonly HealthCheck[] =>
  standby === undefined
    ? []
    : [
        {
          name: 'standby',
          async check() {
            const resting = standby.resting();
            if (resting === undefined || (resting.why === 'behind' && resting.forMs < BEHIND_MS)) return { status: 'up' };
            return { status: 'degraded', detail: `the primary answers all reads: ${REFUSALS[resting.why]}` };
          },
        },
      ];
