import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRateLimiter } from './rate-limiter.ts';

const rule = { name: 'guess', limit: 3, windowSeconds: 60 };

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
    await vi.advanceTimersByTimeAsync(60_001);
    await expect(limiter.take(rule, 'alice')).resolves.toBeUndefined();
  });

  it('keeps keys and rules apart', async () => {
    const limiter = createRateLimiter();
    for (let i = 0; i < 3; i += 1) await limiter.take(rule, 'alice');
    await limiter.take(rule, 'bob');
    await expect(limiter.take({ ...rule, name: 'other' }, 'alice')).resolves.toBeUndefined();
  });

  it('lets those through again who got theirs back, however many ask at once', async () => {
    const limiter = createRateLimiter();
    for (let i = 0; i < 10; i += 1) {
      await limiter.take(rule, 'alice');
      await limiter.giveBack(rule, 'alice');
    }
    const asked = await Promise.allSettled(Array.from({ length: 10 }, () => limiter.take(rule, 'alice')));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });
});
