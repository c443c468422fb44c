import { describe, expect, it } from 'vitest';
import { asId } from '../kernel/ids.ts';
import { addSeconds } from '../kernel/time.ts';
import { ApiKey } from './api-key.ts';

const now = new Date('2026-01-15T12:00:00.000Z');
const later = (seconds: number) => addSeconds(now, seconds);
const fresh = (ttlSeconds?: number) =>
  ApiKey.create({
    accountId: asId('a'),
    id: asId('k'),
    name: 'CI',
    scopes: ['users:read'],
    secretHash: 'first',
    createdBy: undefined,
    now,
    ttlSeconds,
  });

describe('an API key', () => {
  it('is good by its secret alone, until it expires or is revoked', () => {
    expect(ApiKey.isGood(fresh(), 'first', later(1e9))).toBe(true);
    expect(ApiKey.isGood(fresh(), 'another', now)).toBe(false);
    expect(ApiKey.isGood(fresh(60), 'first', later(59))).toBe(true);
    expect(ApiKey.isGood(fresh(60), 'first', later(60))).toBe(false);
    expect(ApiKey.isGood({ ...fresh(), revokedAt: now }, 'first', now)).toBe(false);
  });

  it('is good by the secret before for the time of the overlap, and by none before that', () => {
    const second = ApiKey.rotate(fresh(), 'second', 60, now);
    expect(['first', 'second'].map((hash) => ApiKey.isGood(second, hash, later(59)))).toEqual([true, true]);
    expect(['first', 'second'].map((hash) => ApiKey.isGood(second, hash, later(60)))).toEqual([false, true]);
    const third = ApiKey.rotate(second, 'third', 60, later(10));
    expect(['first', 'second', 'third'].map((hash) => ApiKey.isGood(third, hash, later(11)))).toEqual([false, true, true]);
    const atOnce = ApiKey.rotate(third, 'fourth', 0, later(20));
    expect(['second', 'third', 'fourth'].map((hash) => ApiKey.isGood(atOnce, hash, later(20)))).toEqual([false, false, true]);
  });

  it('is not good by an old secret once it is revoked or has expired', () => {
    const rotated = ApiKey.rotate(fresh(60), 'second', 3_600, now);
    expect(ApiKey.isGood(rotated, 'first', later(60))).toBe(false);
    expect(ApiKey.isGood({ ...rotated, revokedAt: now }, 'first', now)).toBe(false);
  });
});
