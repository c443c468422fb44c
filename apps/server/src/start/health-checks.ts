import type { HealthCheck } from '@coucou/application/ports/health';
import type { Storage } from '@coucou/postgres/storage';

const PROBE_EVERY_MS = 1_000;

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
