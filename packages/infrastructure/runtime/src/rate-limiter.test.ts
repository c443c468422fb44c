import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRateLimiter } from './rate-limiter.ts';

const rule = { name: 'guess', limit: 3, windowSeconds: 60 };

// The rest is in tests/ports, for all limiters.
describe('the limiter of one process', () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-01-01T00:00:00.000Z') }));
  afterEach(() => void vi.useRealTimers());

  it('refuses what goes beyond, says how long to wait, and forgets at the end of the window', async () => {
    const limiter = createRateLimiter();
    for (let i = 0; i < 3; i += 1) await limiter.take(rule, 'alice');
    await expect(limiter.take(rule, 'alice')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      details: { limit: 3, window: 60, retryAfterSeconds: 60 },
    });
    await vi.advanceTimersByTimeAsync(59_001);
    await expect(limiter.take(rule, 'alice')).rejects.toMatchObject({ details: { retryAfterSeconds: 1 } });
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(limiter.take(rule, 'alice')).resolves.toBeUndefined();
  });
});
