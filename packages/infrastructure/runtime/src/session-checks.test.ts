import { payloadOf } from '@coucou/application/kernel/payload';
import type { Announced } from '@coucou/application/ports/event-bus';
import type { AccessChange } from '@coucou/application/ports/session-checks';
import type { AccessChanges } from '@coucou/application/ports/system-repository';
import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { createEventBus } from './event-bus.ts';
import { type AccessEnded, createSessionChecks } from './session-checks.ts';

const account = asId<'account'>('acc');
const alice = { account, actor: { userId: asId<'user'>('alice'), sessionId: asId<'session'>('phone') } };
const nothing: AccessChanges = { ended: [], suspendedUsers: [], suspendedAccounts: [] };
const ended = (...sessionIds: string[]): AccessChange => ({
  is: 'ended',
  userId: alice.actor.userId,
  sessionIds: sessionIds.map((id) => asId(id)),
  reason: 'logout',
});

function open() {
  const bus = createEventBus({ error: () => {} });
  const asked: unknown[] = [];
  let answer: () => Promise<AccessChanges> = async () => nothing;
  const checks = createSessionChecks({
    bus,
    changes: (window) => {
      asked.push(window);
      return answer();
    },
    longestTokenSeconds: 900,
  });
  const told: AccessEnded[] = [];
  checks.onEnded((each) => told.push(each));
  const say = (change: AccessChange, at = account) => {
    const announced: Announced = {
      type: 'access.changed',
      account: at,
      durable: false,
      tellings: [{ event: 'closing', to: { kind: 'access', change }, payload: payloadOf(() => ({})) }],
    };
    bus.publish([announced]);
  };
  const code = (caller = alice): string => {
    try {
      checks.check(caller);
      return 'OK';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  return {
    checks,
    told,
    asked,
    say,
    code,
    answers: (next: Partial<AccessChanges> | (() => Promise<AccessChanges>)) => {
      answer = typeof next === 'function' ? next : async () => ({ ...nothing, ...next });
    },
  };
}

describe('a node’s knowledge of ended sessions', () => {
  it('refuses in the turn in which the bus says so, and tells once', () => {
    const { say, code, told } = open();
    expect(code()).toBe('OK');
    say(ended('phone'));
    expect(code()).toBe('SESSION_REVOKED');
    say(ended('phone', 'laptop'));
    expect(told.map(({ change }) => change)).toEqual([ended('phone'), ended('laptop')]);
  });

  it('is of one account: the same ids elsewhere are others', () => {
    const { say, code } = open();
    say(ended('phone'), asId('other'));
    say({ is: 'suspended', userId: alice.actor.userId }, asId('other'));
    say({ is: 'suspended' }, asId('third'));
    expect(code()).toBe('OK');
  });

  it('learns by asking what the bus did not say', async () => {
    const { checks, code, told, answers } = open();
    answers({ ended: [{ account, sessionId: alice.actor.sessionId, userId: alice.actor.userId, reason: 'revoked' }] });
    await checks.poll();
    await checks.poll();
    expect(code()).toBe('SESSION_REVOKED');
    expect(told).toHaveLength(1);
  });

  it('asks first for all that tokens may still be good for, then for what is new, with an overlap', async () => {
    const { checks, asked } = open();
    await checks.poll();
    await checks.poll();
    const [first, second] = asked as { endedSeconds: number; suspendedSeconds: number }[];
    expect(first).toEqual({ endedSeconds: 1_020, suspendedSeconds: 1_020 });
    expect(second?.endedSeconds).toBeGreaterThanOrEqual(60);
    expect(second?.endedSeconds).toBeLessThan(120);
    expect(second?.suspendedSeconds).toBe(1_020);
  });

  it('goes on from the last answer where asking failed in between', async () => {
    const { checks, answers, asked } = open();
    answers(() => Promise.reject(new Error('away')));
    await expect(checks.poll()).rejects.toThrow('away');
    answers({});
    await checks.poll();
    expect(asked[1]).toMatchObject({ endedSeconds: 1_020 });
  });
});

describe('a node’s knowledge of suspensions', () => {
  it.each([
    ['a person', { userId: alice.actor.userId }, 'USER_SUSPENDED'],
    ['an account', {}, 'ACCOUNT_SUSPENDED'],
  ])('of %s comes and goes', (_, whom, refused) => {
    const { say, code, told } = open();
    say({ is: 'suspended', ...whom });
    expect(code()).toBe(refused);
    say({ is: 'restored', ...whom });
    expect(code()).toBe('OK');
    expect(told).toHaveLength(1);
  });

  it('follows what other nodes did, lifted as well', async () => {
    const { checks, code, answers } = open();
    answers({ suspendedUsers: [{ account, userId: alice.actor.userId }] });
    await checks.poll();
    expect(code()).toBe('USER_SUSPENDED');
    answers({ suspendedAccounts: [account] });
    await checks.poll();
    expect(code()).toBe('ACCOUNT_SUSPENDED');
    answers({});
    await checks.poll();
    expect(code()).toBe('OK');
  });

  it('is not taken back by an answer that was on its way when it came', async () => {
    const { checks, say, code, answers } = open();
    const { promise, resolve } = Promise.withResolvers<AccessChanges>();
    answers(() => promise);
    const polling = checks.poll();
    say({ is: 'suspended', userId: alice.actor.userId });
    resolve(nothing);
    await polling;
    expect(code()).toBe('USER_SUSPENDED');
  });

  it.each([
    ['a person', { userId: alice.actor.userId }, { suspendedUsers: [{ account, userId: alice.actor.userId }] }],
    ['an account', {}, { suspendedAccounts: [account] }],
  ])('that was lifted of %s does not come back by an answer that was on its way, which would close new sockets', async (_, whom, old) => {
    const { checks, say, code, told, answers } = open();
    say({ is: 'suspended', ...whom });
    const { promise, resolve } = Promise.withResolvers<AccessChanges>();
    answers(() => promise);
    const polling = checks.poll();
    say({ is: 'restored', ...whom });
    resolve({ ...nothing, ...old });
    await polling;
    expect(code()).toBe('OK');
    expect(told).toHaveLength(1);
    // Suspended again by a node that could not say so.
    answers(old);
    await checks.poll();
    expect(code()).not.toBe('OK');
    expect(told).toHaveLength(2);
  });
});
