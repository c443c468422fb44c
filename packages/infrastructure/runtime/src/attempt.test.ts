import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { errors } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAttempts } from './attempt.ts';

const event = (type: string) => ({ id: 'an-event', account: asId<'account'>('account'), type });
const silent = { warn: () => {}, error: () => {} };

afterEach(() => void vi.restoreAllMocks());

describe('what failed because something is away', () => {
  /** Attempts until `untilMs`, each when it is due; the times of all of them in seconds. */
  function attempts(untilMs: number): number[] {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const { failed } = createAttempts({ metrics: noMetrics, log: silent, random: () => 0 });
    const times: number[] = [];
    while (now < untilMs) {
      times.push(now / 1_000);
      now += failed(event('mail'), 1, errors.SERVICE_UNAVAILABLE()).retryInMs ?? Number.NaN;
    }
    return times;
  }

  it('is tried again after a second, then after as long as it has lasted, and each half minute at last', () => {
    expect(attempts(130_000)).toEqual([0, 1, 2, 4, 8, 16, 32, 62, 92, 122]);
  });

  it('waits a second again after a minute without such a failure, and whatever waits for something else is not held up', () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const { failed } = createAttempts({ metrics: noMetrics, log: silent, random: () => 0 });
    const waits = (type: string) => failed(event(type), 1, errors.SERVICE_UNAVAILABLE());
    expect(waits('mail')).toMatchObject({ retryInMs: 1_000, counts: false });
    now = 20_000;
    expect(waits('mail')).toMatchObject({ retryInMs: 20_000, counts: false });
    expect(waits('search')).toMatchObject({ retryInMs: 1_000, counts: false });
    now = 81_000;
    expect(waits('mail')).toMatchObject({ retryInMs: 1_000, counts: false });
  });
});
