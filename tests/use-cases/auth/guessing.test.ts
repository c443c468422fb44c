import { login } from '@coucou/application/auth/login';
import { signup } from '@coucou/application/auth/signup';
import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { createPasswordHasher } from '@coucou/security/password-hasher';
import { override } from '@coucou/server/composition/ports';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { anonymous } from '../calls.ts';

const LIMIT = 3;
let app: TestApp;
let account: AccountId;
const real = createPasswordHasher({ concurrency: 2 });
/** The room for one more is gone when it is asked for. */
let isFull = false;
const hasher: PasswordHasher = {
  ...real,
  hash: (plain, from) => (isFull ? Promise.reject(errors.OVERLOADED()) : real.hash(plain, from)),
};
beforeAll(async () => {
  app = await openTestApp({ overrides: [override(PasswordHasher, hasher)] });
});
afterAll(() => app.close());
beforeEach(async () => {
  app.settings.guesses = [{ limit: LIMIT, windowSeconds: 900 }];
  app.settings.signups = [];
  account = await app.account();
});

const password = 'correct horse battery';
const call = (ip: string, at = account) => ({ ...anonymous(at), client: { ip, userAgent: 'a test' } });
const signUp = (username = 'alice', ip = '192.0.2.1', at = account) =>
  app.run(signup, { username, email: `${username}@example.com`, password }, call(ip, at));

type Try = Readonly<{ identifier?: string; password?: string; ip?: string; deviceToken?: string | undefined }>;
/** What a login is answered: `in`, or the code. */
const answer = ({ identifier = 'alice', password: tried = 'not this one', ip = '192.0.2.1', deviceToken }: Try = {}): Promise<string> =>
  app.run(login, { identifier, password: tried, deviceToken }, call(ip)).then(
    () => 'in',
    (error: unknown) => {
      if (error instanceof ChatError && error.kind !== 'internal') return error.code;
      throw error;
    },
  );
const answers = async (tries: readonly Try[]): Promise<string[]> => {
  const given: string[] = [];
  for (const each of tries) given.push(await answer(each));
  return given;
};
const times = (count: number, make: (index: number) => Try): Try[] => Array.from({ length: count }, (_, index) => make(index));
const wrong = (count: number): string[] => Array.from({ length: count }, () => 'INVALID_CREDENTIALS');

describe('wrong passwords', () => {
  it('are refused after so many for one identifier, from however many addresses and in whatever spelling', async () => {
    await signUp();
    const spellings = ['alice', 'ALICE', 'álice', 'alice'];
    expect(await answers(times(4, (i) => ({ identifier: spellings[i] as string, ip: `198.51.100.${i}` })))).toEqual([
      ...wrong(LIMIT),
      'RATE_LIMITED',
    ]);
    // The right one too, from somewhere new: otherwise the answer would say which it is.
    expect(await answer({ password, ip: '198.51.100.99' })).toBe('RATE_LIMITED');
    await expect(app.run(login, { identifier: 'alice', password }, call('203.0.113.9'))).rejects.toMatchObject({
      kind: 'rate_limited',
      details: { limit: LIMIT, window: 900, retryAfterSeconds: expect.any(Number) },
    });
  });

  it('are answered for nobody as for somebody', async () => {
    const tries = times(5, (i) => ({ identifier: 'nobody', ip: `198.51.100.${i}` }));
    expect(await answers(tries)).toEqual([...wrong(LIMIT), 'RATE_LIMITED', 'RATE_LIMITED']);
  });

  it.each([
    ['address', ['192.0.2.7', '192.0.2.7', '192.0.2.7', '192.0.2.7'], '192.0.2.8'],
    ['network of IPv6', ['2001:db8:1:2::1', '2001:db8:1:2::2', '2001:db8:1:2:ffff::3', '2001:db8:1:2::4'], '2001:db8:1:3::1'],
  ])('are refused after so many from one %s, whoever is tried', async (_, addresses, elsewhere) => {
    expect(await answers(times(4, (i) => ({ identifier: `person-${i}`, ip: addresses[i] as string })))).toEqual([
      ...wrong(LIMIT),
      'RATE_LIMITED',
    ]);
    expect(await answer({ identifier: 'person-0', ip: elsewhere })).toBe('INVALID_CREDENTIALS');
  });

  it('keep nobody out on a device of theirs', async () => {
    const { deviceToken } = await signUp();
    await answers(times(20, (i) => ({ ip: `198.51.100.${i}` })));
    await answers(times(LIMIT + 1, (i) => ({ identifier: `person-${i}` })));
    expect(await answer({ password })).toBe('RATE_LIMITED');
    // At an address that is used up as well.
    expect(await answer({ password, deviceToken })).toBe('in');
  });

  it('are counted for the device alone where they come from one', async () => {
    const { deviceToken } = await signUp();
    const second = await app.run(login, { identifier: 'alice', password }, call('192.0.2.1'));
    expect(await answers(times(5, () => ({ deviceToken })))).toEqual([...wrong(LIMIT), 'RATE_LIMITED', 'RATE_LIMITED']);
    expect(await answer({ password, deviceToken: second.deviceToken })).toBe('in');
    expect(await answer({ password })).toBe('in');
  });

  it('are those of a stranger with the device token of another person or account, or with none of ours', async () => {
    await signUp();
    const bob = await signUp('bob');
    const elsewhere = await signUp('alice', '192.0.2.1', await app.account());
    const tokens = [bob.deviceToken, elsewhere.deviceToken, 'made up', bob.refreshToken];
    expect(await answers(times(4, (i) => ({ deviceToken: tokens[i] })))).toEqual([...wrong(LIMIT), 'RATE_LIMITED']);
    expect(await answer({ password, deviceToken: bob.deviceToken })).toBe('RATE_LIMITED');
  });

  it('are no more than the limit however many are tried at once', async () => {
    await signUp();
    const given = await Promise.all(times(50, (i) => ({ ip: `198.51.100.${i}` })).map(answer));
    expect(given.filter((each) => each === 'INVALID_CREDENTIALS')).toHaveLength(LIMIT);
    expect(given.filter((each) => each === 'RATE_LIMITED')).toHaveLength(50 - LIMIT);
  });

  it('of one account are none of another', async () => {
    await answers(times(LIMIT, (i) => ({ ip: `198.51.100.${i}` })));
    account = await app.account();
    expect(await answer()).toBe('INVALID_CREDENTIALS');
  });
});

describe('right passwords', () => {
  it('are never counted, however many come from one address at once', async () => {
    await signUp();
    expect(new Set(await Promise.all(times(12, () => ({ password })).map(answer)))).toEqual(new Set(['in']));
    expect(await answers(times(LIMIT - 1, () => ({})))).toEqual(wrong(LIMIT - 1));
    expect(await answer({ password })).toBe('in');
    expect(await answer()).toBe('INVALID_CREDENTIALS');
  });
});

it('several windows hold at once, and none where there is none', async () => {
  app.settings.guesses = [
    { limit: 10, windowSeconds: 900 },
    { limit: 2, windowSeconds: 60 },
  ];
  expect(await answers(times(3, () => ({})))).toEqual([...wrong(2), 'RATE_LIMITED']);
  account = await app.account();
  app.settings.guesses = [];
  expect(await answers(times(6, () => ({})))).toEqual(wrong(6));
});

describe('sign-ups', () => {
  it('are so many from one address, those with a password that is refused or for which there is no room not counted', async () => {
    app.settings.signups = [{ limit: 2, windowSeconds: 3600 }];
    const from = (username: string, ip = '192.0.2.1') =>
      signUp(username, ip).then(
        () => 'in',
        (error: ChatError) => error.code,
      );
    await expect(
      app.run(signup, { username: 'weak', email: 'weak@example.com', password: 'password123' }, call('192.0.2.1')),
    ).rejects.toMatchObject({ code: 'PASSWORD_TOO_WEAK' });
    isFull = true;
    expect([await from('alice'), await from('alice'), await from('alice')]).toEqual(['OVERLOADED', 'OVERLOADED', 'OVERLOADED']);
    isFull = false;
    expect([await from('alice'), await from('alice'), await from('bob')]).toEqual(['in', 'USERNAME_TAKEN', 'RATE_LIMITED']);
    expect(await from('bob', '192.0.2.2')).toBe('in');
  });
});
