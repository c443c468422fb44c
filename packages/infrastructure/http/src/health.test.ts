import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HealthCheck } from '@coucou/application/ports/health';
import { createReadiness } from './health.ts';

const log = pino({ level: 'silent' });

describe('readiness', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('does not wait for a check that hangs', async () => {
    const hanging: HealthCheck = { name: 'database', check: () => new Promise(() => undefined) };
    const fine: HealthCheck = { name: 'redis', check: async () => ({ status: 'up' }) };
    const found = createReadiness([hanging, fine], log)();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await found).toEqual({
      status: 'down',
      checks: { database: { status: 'down', detail: 'no answer within 2 s' }, redis: { status: 'up' } },
    });
  });

  it('asks once for all who ask at a time, and anew for the next', async () => {
    const check = vi.fn<HealthCheck['check']>(async () => ({ status: 'up' }));
    const look = createReadiness([{ name: 'database', check }], log);
    await Promise.all([look(), look()]);
    expect(check).toHaveBeenCalledTimes(1);
    await look();
    expect(check).toHaveBeenCalledTimes(2);
    expect(vi.getTimerCount()).toBe(0);
  });
});
