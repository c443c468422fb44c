import { noMetrics } from '../metrics/no-metrics.ts';
import type { AccountLimits } from '@coucou/domain/accounts/account-limits';
import type { ChatError } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import type { PostingSnapshot } from '@coucou/domain/messages/message';
import type { Call } from './call.ts';
import { rulesOfAccount } from './rules-of-account.ts';
import type { PostingSnapshots } from '../ports/posting-snapshots.ts';
import { createTokenBuckets } from './token-buckets.ts';
import type { Quota, TrafficLimiter, TrafficRule } from '../ports/traffic-limiter.ts';
import { type CallLimits, createCallLimits } from './call-limits.ts';
import type { TrafficRules } from '../ports/traffic-rules.ts';

const rule = (name: string, limit: number): TrafficRule => ({ name, rates: [{ limit, windowSeconds: 60 }] });
const all: TrafficRules = {
  rest: rule('rest', 2),
  files: rule('files', 3),
  socketEvents: undefined,
  userMessages: rule('user-messages', 3),
  conversationMessages: rule('conversation-messages', 5),
  connections: undefined,
  handshakes: undefined,
  unauthenticated: undefined,
};
const none: TrafficRules = { ...all, rest: undefined, files: undefined, userMessages: undefined, conversationMessages: undefined };

type Opening = Readonly<{ rules?: TrafficRules; isAsked?: boolean; own?: AccountLimits; members?: readonly string[] }>;

/** `own`: what the account `rich` was granted; `members`: of every conversation. */
function open({ rules = all, isAsked = false, own = {}, members = ['alice', 'bob'] }: Opening = {}) {
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
  const asked: string[] = [];
  const snapshot: PostingSnapshots['get'] = async (_account, conversation, user) => {
    asked.push(`${user} ${conversation}`);
    const member = members.includes(user) ? { role: 'member', mutedUntil: undefined } : undefined;
    return { member } as unknown as PostingSnapshot;
  };
  const limits = createCallLimits({
    limiter,
    rules,
    accountRules: { of: (account) => (account === 'rich' ? rulesOfAccount(rules, own) : rules) },
    snapshots: { get: snapshot, reload: snapshot },
    metrics: {
      ...noMetrics,
      counter: ({ name }, labels) => ({ value: 0, add: () => void refused.push(`${name} ${(labels as { policy?: string }).policy}`) }),
    },
  });
  return { limits, refused, asked };
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
    const { limits, refused } = open({ isAsked });
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
    const { limits } = open({ isAsked });
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

describe('a conversation at its limit', () => {
  const take = (limits: CallLimits, by: Call, input: object = { conversationId: 'one' }) =>
    codeOf(() => limits.ofOperations.take('messages', input, by));

  it('is none to who is no member: they spend their own, and get nothing into its budget', async () => {
    const { limits, refused, asked } = open();
    for (const name of ['alice', 'alice', 'alice', 'bob', 'bob']) expect(await take(limits, call(name))).toBe('allowed');
    expect(asked).toEqual([]);
    for (let at = 0; at < 3; at += 1) {
      const stranger = call('mallory');
      expect(await take(limits, stranger)).toBe('allowed');
      // The operation refused it, as one that is not at its limit.
      limits.ofOperations.giveBack('messages', { conversationId: 'one' }, stranger);
    }
    expect(asked).toEqual(['mallory one', 'mallory one', 'mallory one']);
    expect(await take(limits, call('mallory'))).toBe('RATE_LIMITED');
    expect(await take(limits, call('bob'))).toBe('RATE_LIMITED');
    expect(refused).toEqual(['coucou_limits_refused_total user-messages', 'coucou_limits_refused_total conversation-messages']);
  });

  it('gives back what a forward took from the others', async () => {
    const { limits } = open();
    for (const name of ['alice', 'alice', 'alice', 'bob', 'bob']) await take(limits, call(name));
    const stranger = call('mallory');
    const input = { conversationIds: ['two', 'one'] };
    expect(await take(limits, stranger, input)).toBe('allowed');
    limits.ofOperations.giveBack('messages', input, stranger);
    for (const name of ['carol', 'carol', 'carol', 'dave', 'dave'])
      expect(await take(limits, call(name), { conversationId: 'two' })).toBe('allowed');
  });
});

it('an account has limits of its own, and what it was not granted is as the server has it', async () => {
  const { limits } = open({ own: { rest: [{ limit: 4, windowSeconds: 60 }], userMessages: [] } });
  const rich = call('alice', { account: asId('rich') });
  for (const left of [3, 2, 1, 0]) expect((await limits.takeRequest(rich))?.remaining).toBe(left);
  expect(await limits.takeRequest(rich)).toMatchObject({ isAllowed: false, rate: { limit: 4 } });
  for (let at = 0; at < 5; at += 1)
    expect(await codeOf(() => limits.ofOperations.take('messages', { conversationId: 'one' }, rich))).toBe('allowed');
  expect(await codeOf(() => limits.ofOperations.take('messages', { conversationId: 'one' }, rich))).toBe('RATE_LIMITED');
  const stranger = { ...rich, actor: undefined as never };
  for (const isAllowed of [true, true, false]) expect(await limits.takeRequest(stranger)).toMatchObject({ isAllowed });
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

  it('know callers by person and key, each in its account, and strangers by network', async () => {
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
    // Whatever account they name.
    expect(await isAllowed({ ...stranger('192.0.2.1'), account: asId('b') })).toBe(false);
    expect((await limits.takeUnrecognised('192.0.2.1'))?.isAllowed).toBe(false);
    // The same /64, whatever the address in it.
    expect(await isAllowed(stranger('2001:db8:1:2:ffff::1'))).toBe(false);
    expect(await isAllowed(stranger('2001:db8:1:3::1'))).toBe(true);
    expect((await limits.takeUnrecognised('192.0.2.2'))?.isAllowed).toBe(true);
    expect((await limits.takeFile('192.0.2.1'))?.isAllowed).toBe(true);
  });

  it('are off for the operator, and where there is no rule', () => {
    const operator = { ...call('alice'), actor: undefined as never, program: { by: 'operator' } as const };
    expect(open().limits.takeRequest(operator)).toBeUndefined();
    const { limits } = open({ rules: none });
    expect(limits.takeRequest(call('alice'))).toBeUndefined();
    expect(limits.takeUnrecognised('192.0.2.1')).toBeUndefined();
    expect(limits.takeFile('192.0.2.1')).toBeUndefined();
    for (let at = 0; at < 100; at += 1)
      expect(limits.ofOperations.take('messages', { conversationId: 'one' }, call('alice'))).toBeUndefined();
  });
});
