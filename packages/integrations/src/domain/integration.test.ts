import { asId } from '@coucou/domain/kernel/ids';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTriggered } from './connector.ts';
import { Integration } from './integration.ts';

const at = (seconds: number): Date => new Date(Date.UTC(2026, 0, 15) + seconds * 1_000);
const fresh: Integration = {
  accountId: asId('account'),
  id: asId('integration'),
  name: 'Alerts',
  conversationId: asId('conversation'),
  userId: undefined,
  connector: { kind: 'outgoingWebhook', url: 'https://example.com/', triggers: [] },
  sealedCredentials: 'sealed',
  tokenHash: undefined,
  disabled: undefined,
  check: undefined,
  failures: 0,
  failingSince: undefined,
  pausedUntil: undefined,
  lastFailure: undefined,
  lastDeliveredAt: undefined,
  givenUp: 0,
  createdBy: undefined,
  createdAt: at(0),
};
const failure = {
  finding: { outcome: 'timeout', detail: undefined },
  retryAt: undefined,
  gone: false,
  givenUp: false,
  probed: true,
} as const;

describe('an integration that fails', () => {
  it('is left in peace for ten minutes at most, whatever happens, and a success ends that', () => {
    const ends = fc.array(fc.record({ after: fc.integer({ min: 0, max: 700 }), ok: fc.boolean(), probed: fc.boolean() }), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(ends, fc.double({ min: 0, max: 1, noNaN: true }), (attempts, chance) => {
        let now = 0;
        let current = fresh;
        for (const { after, ok, probed } of attempts) {
          now += after;
          current = ok ? Integration.succeed(current, at(now)) : Integration.fail(current, { ...failure, probed }, at(now), () => chance);
          const pause = Integration.pauseOf(current, at(now));
          expect((pause ?? at(now)).getTime() - at(now).getTime()).toBeLessThanOrEqual(600_000);
          expect(current.failures === 0).toBe(ok || current === fresh);
          expect((current.failingSince ?? at(now)).getTime()).toBeLessThanOrEqual(at(now).getTime());
          expect(ok && pause !== undefined).toBe(false);
        }
      }),
    );
  });

  it('counts one outage once, however many requests it ended', () => {
    let current = fresh;
    for (let times = 0; times < 30; times += 1) current = Integration.fail(current, { ...failure, probed: false }, at(1), () => 0);
    expect(current.failures).toBe(5);
    expect(Integration.probe(current, at(40), 15)?.pausedUntil).toEqual(at(55));
    expect(Integration.probe(fresh, at(40), 15)).toBeUndefined();
  });

  it('writes its row once a minute while it succeeds', () => {
    const first = Integration.succeed(fresh, at(0));
    expect(first.lastDeliveredAt).toEqual(at(0));
    expect(Integration.succeed(first, at(59))).toBe(first);
    expect(Integration.succeed(first, at(60)).lastDeliveredAt).toEqual(at(60));
  });
});

describe('a trigger', () => {
  const settings = { kind: 'outgoingWebhook', url: 'https://example.com/', triggers: ['déploy', '/roll back'] } as const;
  it.each([
    ['déploy', true],
    ['DÉPLOY now', true],
    ['\n déploy: api', true],
    ['déployé', false],
    ['déploy2', false],
    ['/roll back', true],
    ['/roll', false],
    ['now déploy', false],
    ['', false],
    [undefined, false],
  ])('begins %j: %s', (content, triggered) => expect(isTriggered(settings, content)).toBe(triggered));

  it('is not needed where there is none', () => {
    expect(isTriggered({ ...settings, triggers: [] }, undefined)).toBe(true);
  });
});
