import { signup } from '@coucou/application/auth/signup';
import { catalogueOf } from '@coucou/server/composition/catalogue';
import { features } from '@coucou/server/composition/features';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { openTestApp, type TestApp } from '../support/test-app.ts';
import { refusal } from '../use-cases/calls.ts';
import { mailsTo, PASSWORD, stranger } from '../use-cases/auth/mailed.ts';
import { code, secondFactorPeople } from '../use-cases/auth/second-factor-people.ts';

/**
 * Whoever has no token may call these, and nobody answers for them: each operation that the contracts call public has a limit by network, and by
 * what it names of somebody.
 */
const open = catalogueOf(features).operations.filter(({ access }) => access === 'public');

describe('every operation for those who are not signed in', () => {
  const LIMIT = 3;
  let app: ListeningApp;
  beforeAll(async () => {
    app = await startTestApp({ env: { LIMIT_REST: `${LIMIT}/3600`, TRUST_PROXY: '127.0.0.1' } });
  });
  afterAll(() => app?.close());

  /** What strangers send to have a budget of their own for each. */
  const disguises: readonly Readonly<Record<string, string>>[] = [
    {},
    { 'x-client-key': 'default' },
    { 'x-client-key': 'nobody-has-this-one' },
    { 'x-client-key': 'x'.repeat(500) },
    { authorization: 'Bearer nonsense' },
    { authorization: 'Bearer a.b.c', 'x-client-key': 'default' },
    { 'user-agent': 'another browser' },
  ];

  it.each(open.map((operation, at) => [operation.name, operation, at] as const))('%s is limited by network', async (_, { http }, at) => {
    const target = new URL(`/api/v1${http?.path.replaceAll(/:\w+/g, 'x')}`, app.url);
    const call = async (network: string, more: Readonly<Record<string, string>>) => {
      const hasBody = http?.method !== 'GET';
      const answer = await fetch(target, {
        method: http?.method ?? 'GET',
        redirect: 'manual',
        headers: { 'x-forwarded-for': network, ...(hasBody && { 'content-type': 'application/json' }), ...more },
        ...(hasBody && { body: '{}' }),
      });
      return {
        status: answer.status,
        policy: ((await answer.json().catch(() => ({}))) as { details?: { policy?: string } }).details?.policy,
      };
    };
    const network = `10.1.${at}.1`;
    const answers = [];
    for (const disguise of disguises) answers.push(await call(network, disguise));
    expect(answers.map(({ status }) => status === 429)).toEqual(disguises.map((_disguise, each) => each >= LIMIT));
    expect(answers.at(-1)).toEqual({ status: 429, policy: 'rest' });
    expect((await call(`10.1.${at}.2`, {})).status).not.toBe(429);
  });
});

describe('every operation for those who are not signed in that names somebody', () => {
  const LIMIT = 2;
  let app: TestApp;
  let account: AccountId;
  const { signUp, enrolled, logIn, answer, at } = secondFactorPeople(() => ({ app, account }));
  beforeAll(async () => {
    app = await openTestApp();
    app.settings.guesses = [{ limit: LIMIT, windowSeconds: 900 }];
    account = await app.account();
  });
  afterAll(() => app.close());

  const email = 'victim@example.com';
  const asked = async (operation: string) => {
    await app.visitor(account).execute(operation, { email }, { client: stranger(account).client });
  };
  const mails = async (operation: string) => {
    const before = (await mailsTo(app, email)).length;
    for (let times = 0; times < LIMIT + 3; times += 1) await asked(operation);
    return (await mailsTo(app, email)).length - before;
  };

  /** By what each says of somebody: tries from a new network each, which end where a stranger's guesses or mails would. */
  const bounds: Readonly<Record<string, () => Promise<void>>> = {
    'auth.login: identifier, username, email, totp, recoveryCode': async () => {
      const tries = [];
      for (let times = 0; times <= LIMIT; times += 1)
        tries.push(
          await refusal(
            app.visitor(account).execute('auth.login', { email, password: 'not this one' }, { client: stranger(account).client }),
          ),
        );
      expect(tries).toEqual(['INVALID_CREDENTIALS', 'INVALID_CREDENTIALS', 'RATE_LIMITED']);
    },
    'auth.secondFactor: totp, recoveryCode': async () => {
      at(0);
      const { secret } = await enrolled(await signUp('alice'));
      const challengeOf = async () => {
        const refused = (await logIn({}, stranger(account)).catch((error: unknown) => error)) as { details: { challenge: string } };
        return refused.details.challenge;
      };
      at(90);
      const tries = [];
      for (let times = 0; times <= LIMIT; times += 1)
        tries.push(await refusal(answer({ challenge: await challengeOf(), totp: '000000' }, stranger(account))));
      expect(tries).toEqual(['CODE_INVALID', 'CODE_INVALID', 'RATE_LIMITED']);
      expect(await refusal(answer({ challenge: await challengeOf(), totp: code(secret, 90) }, stranger(account)))).toBe('RATE_LIMITED');
      app.time.now = undefined;
    },
    'auth.forgotPassword: email': async () => expect(await mails('auth.forgotPassword')).toBe(LIMIT),
    'auth.requestMagicLink: email': async () => expect(await mails('auth.requestMagicLink')).toBe(LIMIT),
    // Each of these makes somebody, or finds one: a name or an address is asked for no more than once without an answer that is limited by network.
    'auth.signup: username, email': async () => {
      const again = () => refusal(app.run(signup, { username: 'victim', email, password: PASSWORD }, stranger(account)));
      const before = (await mailsTo(app, email)).length;
      expect([await again(), await again()]).toEqual(['USERNAME_TAKEN', 'USERNAME_TAKEN']);
      expect(await mailsTo(app, email)).toHaveLength(before);
      app.settings.signups = [{ limit: 1, windowSeconds: 900 }];
      const { client } = stranger(account);
      const from = (name: string) =>
        app.run(signup, { username: name, email: `${name}@example.com`, password: PASSWORD }, { ...stranger(account), client });
      await from('first');
      expect(await refusal(from('second'))).toBe('RATE_LIMITED');
      app.settings.signups = [];
    },
    // A candidate for a password, judged beside the names that its owner will have; nobody is looked up.
    'auth.passwordHint: username, email': async () => {
      const hint = () =>
        app
          .visitor(account)
          .execute('auth.passwordHint', { password: PASSWORD, username: 'victim', email }, { client: stranger(account).client });
      expect((await hint()).body).toEqual({ ...(await hint()).body });
    },
  };

  it('is one of these', () => {
    // Names of people, and what is short enough to be guessed: tokens, and codes of providers, are not.
    const names = ['identifier', 'username', 'email', 'userId', 'externalId', 'totp', 'recoveryCode'];
    const fieldsOf = (input: z.ZodType) => Object.keys((input as unknown as { shape?: object }).shape ?? {});
    const naming = open
      .map(({ name, input }) => [name, fieldsOf(input).filter((field) => names.includes(field))] as const)
      .filter(([, fields]) => fields.length > 0)
      .map(([name, fields]) => `${name}: ${fields.join(', ')}`);
    expect(naming.toSorted()).toEqual(Object.keys(bounds).toSorted());
  });

  beforeAll(async () => {
    await app.run(signup, { username: 'victim', email, password: PASSWORD }, stranger(account));
  });
  it.each(Object.entries(bounds))('%s', async (_, bound) => {
    expect.hasAssertions();
    await bound();
  });
});
