import { noMetrics } from '../metrics/no-metrics.ts';
import type { ChatError } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import type { Call } from './call.ts';
import { createTokenBuckets } from './token-buckets.ts';
import type { Quota, TrafficLimiter, TrafficRule } from '../ports/traffic-limiter.ts';
import { createCallLimits } from './call-limits.ts';
import type { TrafficRules } from '../ports/traffic-rules.ts';

const rule = (name: string, limit: number): TrafficRule => ({ name, rates: [{ limit, windowSeconds: 60 }] });
const all: TrafficRules = {
  rest: rule('rest', 2),
  socketEvents: undefined,
  userMessages: rule('user-messages', 3),
  conversationMessages: rule('conversation-messages', 5),
  connections: undefined,
};
const none: TrafficRules = { ...all, rest: undefined, userMessages: undefined, conversationMessages: undefined };

function open(rules: TrafficRules = all, isAsked = false) {
  const buckets = createTokenBuckets({ now: () => 0 });
  const refused: string[] = [];
  const limiter: TrafficLimiter = {
    take(each, key, account) {
      const bucket = buckets.of(each, key, account);
      const quota = buckets.take(bucket);
      return isAsked ? Promise.resolve(quota) : quota;
    },
    giveBack: (each, key, account) => buckets.move(buckets.of(each, key, account), -1),
  };
  const limits = createCallLimits({
    limiter,
    rules,
    metrics: {
      ...noMetrics,
      counter: ({ name }, labels) => ({ value: 0, add: () => void refused.push(`${name} ${(labels as { policy?: string }).policy}`) }),
    },
  });
  return { limits, refused };
}

const call = (userId: string, more: Partial<Call> = {}): Call => ({
  requestId: 'r',
  account: asId('a'),
  client: { ip: '2001:db8:1:2:3::4', userAgent: '' },
  actor: { userId: asId(userId), sessionId: asId('s') },
  ...more,
});
const codeOf = async (take: () => Promise<void> | undefined): Promise<string> => {
  try {
    await take();
    return 'allowed';
  } catch (error) {
    return (error as ChatError).code;
  }
};

describe.each([false, true])('the messages of one person and in one conversation, asked of others: %s', (isAsked) => {
  it('are counted apart, and what one refuses is not taken from the other', async () => {
    const { limits, refused } = open(all, isAsked);
    const send = (userId: string, conversationId: string) =>
      codeOf(() => limits.ofOperations.take('messages', { conversationId }, call(userId)));
    for (const expected of ['allowed', 'allowed', 'allowed', 'RATE_LIMITED', 'RATE_LIMITED'])
      expect(await send('alice', 'one')).toBe(expected);
    // Two are left here, and bob's third is not taken from his own budget.
    for (const expected of ['allowed', 'allowed', 'RATE_LIMITED']) expect(await send('bob', 'one')).toBe(expected);
    expect(await send('bob', 'other')).toBe('allowed');
    expect(await send('bob', 'other')).toBe('RATE_LIMITED');
    expect(refused).toEqual([
      'coucou_limits_refused_total user-messages',
      'coucou_limits_refused_total user-messages',
      'coucou_limits_refused_total conversation-messages',
      'coucou_limits_refused_total user-messages',
    ]);
  });

  it('count a forward as often as it has targets, or not at all', async () => {
    const { limits } = open(all, isAsked);
    const forward = (...conversationIds: string[]) =>
      codeOf(() => limits.ofOperations.take('messages', { conversationIds }, call('alice')));
    expect(await forward('one', 'two')).toBe('allowed');
    expect(await forward('three', 'four')).toBe('RATE_LIMITED');
    expect(await forward('five')).toBe('allowed');
    expect(await forward('six')).toBe('RATE_LIMITED');
  });
});

it('calls that fail take nothing from a conversation, and their own from who makes them', async () => {
  const { limits } = open();
  for (let at = 0; at < 3; at += 1) {
    expect(await codeOf(() => limits.ofOperations.take('messages', { conversationId: 'one' }, call('mallory')))).toBe('allowed');
    limits.ofOperations.giveBack('messages', { conversationId: 'one' }, call('mallory'));
  }
  expect(await codeOf(() => limits.ofOperations.take('messages', { conversationId: 'one' }, call('mallory')))).toBe('RATE_LIMITED');
  for (const name of ['alice', 'alice', 'alice', 'bob', 'bob'])
    expect(await codeOf(() => limits.ofOperations.take('messages', { conversationId: 'one' }, call(name)))).toBe('allowed');
});

describe('limits of calls', () => {
  it('decide in the same turn, and tell how the budget of the caller stands', () => {
    const { limits } = open();
    const quotas: Quota[] = [];
    const noteQuota = (quota: Quota) => void quotas.push(quota);
    expect(limits.ofOperations.take('messages', { conversationId: 'one' }, call('alice', { noteQuota }))).toBeUndefined();
    // How a conversation stands is not for everybody who names it.
    expect(quotas.map(({ rule: { name }, remaining }) => [name, remaining])).toEqual([['user-messages', 2]]);
  });

  it('say what was refused, and for how long', () => {
    const { limits } = open();
    const take = () => limits.ofOperations.take('messages', { toUserId: 'bob' }, call('alice'));
    for (let at = 0; at < 3; at += 1) expect(take()).toBeUndefined();
    expect(take).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', details: { policy: 'user-messages', limit: 3, window: 60, retryAfterSeconds: 20 } }),
    );
  });

  it('know callers by person, key or network, each in its account', async () => {
    const { limits } = open();
    const isAllowed = async (of: Partial<Call>) => (await limits.takeRequest(call('alice', of)))?.isAllowed;
    const stranger = (ip: string) => ({ actor: undefined as never, client: { ip, userAgent: '' } });
    const callers: Partial<Call>[] = [
      {},
      { account: asId('b') },
      { actor: undefined as never, program: { by: 'apiKey', id: asId('k'), scopes: [] } },
      stranger('2001:db8:1:2:3::4'),
      stranger('192.0.2.1'),
    ];
    for (const caller of callers)
      expect([await isAllowed(caller), await isAllowed(caller), await isAllowed(caller)]).toEqual([true, true, false]);
    // The same /64, whatever the address in it.
    expect(await isAllowed(stranger('2001:db8:1:2:ffff::1'))).toBe(false);
    expect(await isAllowed(stranger('2001:db8:1:3::1'))).toBe(true);
    expect((await limits.takeUnrecognised('192.0.2.1'))?.isAllowed).toBe(true);
  });

  it('are off for the operator, and where there is no rule', () => {
    const operator = { ...call('alice'), actor: undefined as never, program: { by: 'operator' } as const };
    expect(open().limits.takeRequest(operator)).toBeUndefined();
    const { limits } = open(none);
    expect(limits.takeRequest(call('alice'))).toBeUndefined();
    expect(limits.takeUnrecognised('192.0.2.1')).toBeUndefined();
    for (let at = 0; at < 100; at += 1)
      expect(limits.ofOperations.take('messages', { conversationId: 'one' }, call('alice'))).toBeUndefined();
  });
});
