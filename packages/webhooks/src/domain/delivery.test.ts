import { asId } from '@coucou/domain/kernel/ids';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Delivery, type Outcome, outcomes } from './delivery.ts';
import { Webhook } from './webhook.ts';

const now = new Date('2026-01-01T00:00:00Z');

const delivery: Delivery = {
  accountId: asId('account'),
  id: asId('delivery'),
  webhookId: asId('webhook'),
  eventId: 'evt_1',
  event: 'message.created',
  conversationId: undefined,
  version: undefined,
  data: {},
  state: 'pending',
  attempts: 0,
  lastOutcome: undefined,
  lastStatus: undefined,
  nextAt: now,
  createdAt: now,
  endedAt: undefined,
};

const webhook: Webhook = {
  accountId: asId('account'),
  id: asId('webhook'),
  url: 'https://example.com/hook',
  description: undefined,
  events: ['message.created'],
  ordered: false,
  sealedSecret: 'sealed',
  previous: undefined,
  disabled: undefined,
  failures: 0,
  failingSince: undefined,
  pausedUntil: undefined,
  createdBy: undefined,
  createdAt: now,
};

const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const failing = fc.constantFrom(...outcomes.filter((each): each is Exclude<Outcome, 'delivered'> => each !== 'delivered'));

describe('a delivery', () => {
  it('ends by its first success, or with the last of its retries', () => {
    const retries = fc.array(fc.integer({ min: 1, max: 86_400 }), { minLength: 1, maxLength: 30 });
    const luck = fc.array(chance, { minLength: 31, maxLength: 31 });
    fc.assert(
      fc.property(retries, luck, failing, fc.nat(40), (delays, lucky, outcome, successAt) => {
        const seen: Delivery[] = [];
        for (let current = delivery; current.state === 'pending'; seen.push(current)) {
          const ending = { outcome: seen.length === successAt ? ('delivered' as const) : outcome, status: undefined, retryAt: undefined };
          current = Delivery.settle(current, ending, delays, current.nextAt, () => lucky[seen.length] ?? 0);
        }
        const succeeds = successAt <= delays.length;
        expect(seen).toHaveLength(succeeds ? successAt + 1 : delays.length + 1);
        expect(seen.at(-1)).toMatchObject({
          state: succeeds ? 'delivered' : 'failed',
          attempts: seen.length,
          endedAt: seen.at(-1)?.nextAt,
        });
        const waits = seen
          .slice(0, -1)
          .map(({ nextAt }, index) => (nextAt.getTime() - (seen[index - 1] ?? delivery).nextAt.getTime()) / 1_000);
        for (const [index, waited] of waits.entries()) {
          expect(waited).toBeGreaterThanOrEqual((delays[index] ?? 0) * 0.75 - 0.001);
          expect(waited).toBeLessThanOrEqual(delays[index] ?? 0);
        }
      }),
    );
  });

  it.each<[string | undefined, number | undefined]>([
    ['120', 120],
    [' 5 ', 5],
    ['0', undefined],
    ['-5', undefined],
    ['soon', undefined],
    [undefined, undefined],
    ['999999999', 86_400],
    ['Thu, 01 Jan 2026 00:02:00 GMT', 120],
    ['Wed, 31 Dec 2025 23:59:00 GMT', undefined],
    ['Fri, 01 Jan 2100 00:00:00 GMT', 86_400],
  ])('reads `Retry-After: %s` as %s s', (header, seconds) => {
    const at = Delivery.retryAtOf(header, now);
    expect(at && (at.getTime() - now.getTime()) / 1_000).toBe(seconds);
  });

  it.each<[number, Outcome]>([
    [200, 'delivered'],
    [204, 'delivered'],
    [301, 'redirected'],
    [304, 'redirected'],
    [400, 'answered'],
    [410, 'gone'],
    [503, 'answered'],
  ])('%i is %s', (status, outcome) => {
    expect(Delivery.outcomeOf(status)).toBe(outcome);
  });

  it('shows of an address neither query nor fragment', () => {
    expect(Delivery.shownUrl('https://example.com/hook?token=secret#secret')).toBe('https://example.com/hook');
  });
});

describe('a webhook', () => {
  it('is probed after failures in a row, pauses no longer than ten minutes by itself, and is healthy after one success', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), chance, (failures, luck) => {
        const failure = { gone: false, retryAt: undefined, firstSeconds: 5 };
        let current = webhook;
        let at = now;
        for (let count = 1; count <= failures; count += 1) {
          at = current.pausedUntil ?? at;
          current = Webhook.settle(current, failure, at, () => luck);
          expect(current).toMatchObject({ failures: count, failingSince: now, disabled: undefined });
          const paused = current.pausedUntil === undefined ? 0 : (current.pausedUntil.getTime() - at.getTime()) / 1_000;
          expect(paused > 0).toBe(count >= 5);
          expect(paused).toBeLessThanOrEqual(600);
          // Others that were under way change nothing.
          if (paused > 0) current = Webhook.settle(current, failure, at, () => luck);
        }
        expect(Webhook.settle(current, undefined, at, () => luck)).toEqual(webhook);
      }),
    );
  });
});
