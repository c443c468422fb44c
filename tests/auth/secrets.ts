import { randomUUID } from 'node:crypto';
import { changeEmail } from '@coucou/application/auth/change-email';
import { enrollTotp } from '@coucou/application/auth/enroll-totp';
import { finishOauth } from '@coucou/application/auth/finish-oauth';
import { guest } from '@coucou/application/auth/guests';
import type { Authenticated } from '@coucou/application/auth/open-session';
import { passkeyRegister, passkeyRegisterOptions } from '@coucou/application/auth/passkeys';
import type { ChallengeContent } from '@coucou/application/auth/sign-in';
import { startOauth } from '@coucou/application/auth/start-oauth';
import { confirmTotp } from '@coucou/application/auth/totp';
import { verifyEmail } from '@coucou/application/auth/verify-email';
import { Proofs } from '@coucou/application/ports/proofs';
import { SealedTokens } from '@coucou/application/ports/sealed-tokens';
import type { AccountSettings } from '@coucou/domain/accounts/account-settings';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { softAuthenticator } from '../support/authenticator.ts';
import { createBrowser } from '../support/browser.ts';
import type { Issuer } from '../support/issuer.ts';
import type { TestApp } from '../support/test-app.ts';
import { totpCode } from '../support/totp.ts';
import { anonymous } from '../use-cases/calls.ts';
import { PASSWORD, signedIn, signUp, stranger, tokenTo } from '../use-cases/auth/mailed.ts';
import { newDevice } from './device.ts';

/** People and what they hold, for tests of secrets that are good once. */

/** `app`: a node to prepare at. `issuer`: the identity provider `one` of all nodes. */
export type Where = Readonly<{ app: TestApp; account: AccountId; issuer: Issuer }>;

export const settle = (app: TestApp, account: AccountId, change: Partial<AccountSettings>) =>
  app.uow.write(account, async ({ accounts }) => accounts.updateSettings({ ...(await accounts.own()).settings, ...change }));

export const somebody = (app: TestApp, account: AccountId): Promise<Authenticated> => signUp(app, account, `p${randomUUID().slice(0, 12)}`);

/** Somebody whose address is confirmed. */
export async function proven(app: TestApp, account: AccountId): Promise<Authenticated & Readonly<{ email: string }>> {
  const person = await somebody(app, account);
  const email = person.user.email ?? '';
  await app.run(verifyEmail, { token: await tokenTo(app, email, 'verify-email') }, signedIn(person));
  return { ...person, email };
}

export async function changing(app: TestApp, account: AccountId) {
  const person = await proven(app, account);
  const email = `new-${person.email}`;
  await app.run(changeEmail, { email, password: PASSWORD }, signedIn(person));
  return { person, token: await tokenTo(app, email, 'verify-email') };
}

/** Somebody with an authenticator app, and challenges as their sign-ins seal them: an id of its own each. */
export async function withApp(app: TestApp, account: AccountId) {
  const person = await somebody(app, account);
  const now = Date.now();
  const { secret } = await app.run(enrollTotp, { password: PASSWORD }, signedIn(person));
  const { recoveryCodes } = await app.run(confirmTotp, { code: totpCode(secret, new Date(now - 30_000)) }, signedIn(person));
  const content: ChallengeContent = { account, user: person.user.id, method: 'password', securityVersion: 0, enrol: false };
  const challenge = (enrol = false) =>
    app.container.resolve(SealedTokens).seal('second-factor', { ...content, enrol }, new Date(now + 600_000));
  return { person, recoveryCodes, challenge, totp: totpCode(secret, new Date(now)) };
}

/** As far as the callback, which is not opened: what it would be called with. */
export async function atCallback({ app, account, issuer }: Where) {
  const sub = randomUUID();
  issuer.person.now = { sub, email: `${sub}@example.com`, email_verified: true };
  const started = await app.run(startOauth, { provider: 'one', return_to: 'https://app.example.com/' }, anonymous(account));
  const { url } = await createBrowser().open(started.location, ({ pathname }) => pathname.endsWith('/callback'));
  const call = { ...anonymous(account), browser: started.browser };
  return { call, answer: { provider: 'one', state: '', ...Object.fromEntries(url.searchParams) } };
}

export async function oauthCode(where: Where) {
  const { call, answer } = await atCallback(where);
  const { location } = await where.app.run(finishOauth, answer, call);
  return { call, code: new URL(location).searchParams.get('code') ?? '' };
}

export async function withPasskey(app: TestApp, account: AccountId) {
  const person = await somebody(app, account);
  const device = softAuthenticator('http://localhost:3000');
  const options = () => app.run(passkeyRegisterOptions, { password: PASSWORD }, signedIn(person));
  await app.run(passkeyRegister, { credential: device.create(await options()), name: 'A key' }, signedIn(person));
  return { person, device, options };
}

export const PATH = '/api/v1/auth/refresh';

/** A device whose sessions are bound to its key, and one proof of that. */
export async function bound(app: TestApp, account: AccountId) {
  await settle(app, account, { boundSessions: true, guests: true });
  const device = await newDevice();
  const newProof = (token?: string) => {
    device.nonces.newest = app.container.resolve(Proofs).nonce();
    return device.proof({ method: 'POST', url: `http://localhost${PATH}`, token });
  };
  /** A call with this proof, verified as at the door of the node. */
  const callWith = async (at: TestApp, proof: string) => ({
    ...stranger(account),
    proof: await at.container.resolve(Proofs).verify(proof, { method: 'POST', path: PATH }),
  });
  return { newProof, callWith, open: async () => app.run(guest, {}, await callWith(app, await newProof())) };
}
