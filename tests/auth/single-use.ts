import { randomUUID } from 'node:crypto';
import { createAccountInvite } from '@coucou/application/accounts/account-invites';
import { answerChallenge } from '@coucou/application/auth/answer-challenge';
import { undoEmailChange } from '@coucou/application/auth/change-email';
import { exchangeOauth } from '@coucou/application/auth/exchange-oauth';
import { exchangeToken } from '@coucou/application/auth/exchange-token';
import { finishOauth } from '@coucou/application/auth/finish-oauth';
import { forgotPassword, resetPassword } from '@coucou/application/auth/forgotten-password';
import { guest } from '@coucou/application/auth/guests';
import { linkIdentity } from '@coucou/application/auth/identities';
import { consumeMagicLink, requestMagicLink } from '@coucou/application/auth/magic-link';
import { passkeyLogin, passkeyLoginOptions } from '@coucou/application/auth/passkey-login';
import { passkeyRegister } from '@coucou/application/auth/passkeys';
import { refresh } from '@coucou/application/auth/refresh';
import { signup } from '@coucou/application/auth/signup';
import { verifyEmail } from '@coucou/application/auth/verify-email';
import { acceptInvite } from '@coucou/application/conversations/accept-invite';
import { createConversation } from '@coucou/application/conversations/create-conversation';
import { createInvite } from '@coucou/application/conversations/create-invite';
import { AccessTokens } from '@coucou/application/ports/tokens';
import type { ClaimPurpose } from '@coucou/domain/auth/claim-repository';
import { createPeople, createUsers, range } from '../support/fixtures.ts';
import type { TestApp } from '../support/test-app.ts';
import { anonymous, as } from '../use-cases/calls.ts';
import { PASSWORD, signedIn, stranger, tokenTo } from '../use-cases/auth/mailed.ts';
import { type Where, settle, somebody, proven, changing, withApp, atCallback, oauthCode, withPasskey, PATH, bound } from './secrets.ts';

export const TRIES = 50;

/** A use of the secret, at any node; `at`: the number of the try, from 0. */
type Use = (app: TestApp, at: number) => Promise<unknown>;

/** What may be done once: its name, how it is prepared, and the code that answers all tries but one. */
export type SingleUse = readonly [name: string, prepare: (where: Where) => Promise<Use>, refused: string];

const magicLink = (who: string, emailOf: (where: Where) => Promise<string>): SingleUse => [
  `a magic link signs in ${who}`,
  async (where) => {
    const { app, account } = where;
    const email = await emailOf(where);
    await app.run(requestMagicLink, { email }, stranger(account));
    const token = await tokenTo(app, email, 'magic-link');
    return (at) => at.run(consumeMagicLink, { token }, stranger(account));
  },
  'LINK_INVALID',
];

/** Every purpose of a claim has an entry: without one this does not compile. */
export const claimed: Readonly<Record<ClaimPurpose, readonly [SingleUse, ...SingleUse[]]>> = {
  'email-verification': [
    [
      'an address is confirmed',
      async ({ app, account }) => {
        const person = await somebody(app, account);
        const token = await tokenTo(app, person.user.email ?? '', 'verify-email');
        return (at) => at.run(verifyEmail, { token }, signedIn(person));
      },
      'LINK_INVALID',
    ],
  ],
  'email-change': [
    [
      'an address is changed',
      async ({ app, account }) => {
        const { person, token } = await changing(app, account);
        return (at) => at.run(verifyEmail, { token }, signedIn(person));
      },
      'LINK_INVALID',
    ],
  ],
  'email-undo': [
    [
      'a change of address is undone',
      async ({ app, account }) => {
        const { person, token } = await changing(app, account);
        await app.run(verifyEmail, { token }, signedIn(person));
        const back = await tokenTo(app, person.email, 'undo-email-change');
        return (at) => at.run(undoEmailChange, { token: back }, stranger(account));
      },
      'LINK_INVALID',
    ],
  ],
  'password-reset': [
    [
      'a forgotten password is replaced',
      async ({ app, account }) => {
        const { email } = await proven(app, account);
        await app.run(forgotPassword, { email }, stranger(account));
        const token = await tokenTo(app, email, 'reset-password');
        return (at) => at.run(resetPassword, { token, password: 'battery staple horse' }, stranger(account));
      },
      'LINK_INVALID',
    ],
  ],
  'magic-link': [
    magicLink('somebody', async ({ app, account }) => (await proven(app, account)).email),
    magicLink('somebody new', async () => `${randomUUID()}@example.com`),
  ],
  'oauth-state': [
    [
      'an identity provider’s answer is redeemed',
      async (where) => {
        const { call, answer } = await atCallback(where);
        return (at) => at.run(finishOauth, answer, call);
      },
      'OAUTH_STATE_INVALID',
    ],
  ],
  'oauth-code': [
    [
      'a code signs in',
      async (where) => {
        const { call, code } = await oauthCode(where);
        return (at) => at.run(exchangeOauth, { code }, call);
      },
      'OAUTH_CODE_INVALID',
    ],
    [
      'a code links an identity',
      async (where) => {
        const { call, code } = await oauthCode(where);
        const { actor } = signedIn(await somebody(where.app, where.account));
        return (at) => at.run(linkIdentity, { code }, { ...call, actor });
      },
      'OAUTH_CODE_INVALID',
    ],
  ],
  'external-token': [
    [
      'a token of the account’s issuer signs in',
      async ({ app, account, issuer }) => {
        const owner = await app.person('olga', account, 'owner');
        await owner.call('admin.registerIssuer', { issuer: issuer.url, audiences: ['chat'] });
        const iat = Math.floor(Date.now() / 1_000);
        const token = await issuer.sign({ iss: issuer.url, aud: 'chat', sub: 'alice', iat, exp: iat + 300 });
        return (at) => at.run(exchangeToken, { token }, stranger(account));
      },
      'EXTERNAL_TOKEN_INVALID',
    ],
  ],
  'second-factor': [
    [
      'a challenge is answered, by whichever of ten codes',
      async ({ app, account }) => {
        const { recoveryCodes, challenge } = await withApp(app, account);
        const one = challenge();
        return (at, number) =>
          at.run(answerChallenge, { challenge: one, recoveryCode: recoveryCodes[number % recoveryCodes.length] }, stranger(account));
      },
      'CODE_INVALID',
    ],
  ],
  'totp-step': [
    [
      'a code of an authenticator app answers a challenge',
      async ({ app, account }) => {
        const { challenge, totp } = await withApp(app, account);
        return (at) => at.run(answerChallenge, { challenge: challenge(), totp }, stranger(account));
      },
      'CODE_INVALID',
    ],
  ],
  'recovery-code': [
    [
      'a recovery code answers a challenge',
      async ({ app, account }) => {
        const { challenge, recoveryCodes } = await withApp(app, account);
        return (at) => at.run(answerChallenge, { challenge: challenge(), recoveryCode: recoveryCodes[0] }, stranger(account));
      },
      'CODE_INVALID',
    ],
  ],
  'passkey-challenge': [
    [
      'a challenge adds a passkey, of fifty that answer it',
      async ({ app, account }) => {
        const { person, device, options } = await withPasskey(app, account);
        const asked = await options();
        return (at) => at.run(passkeyRegister, { credential: device.create(asked), name: 'Another' }, signedIn(person));
      },
      'PASSKEY_INVALID',
    ],
    [
      'a challenge signs in by a passkey that does not count',
      async ({ app, account }) => {
        const { device } = await withPasskey(app, account);
        const asked = await app.run(passkeyLoginOptions, {}, stranger(account));
        return (at) => at.run(passkeyLogin, { credential: device.get(asked, { counter: 0 }) }, stranger(account));
      },
      'PASSKEY_REFUSED',
    ],
  ],
  'dpop-proof': [
    [
      'a proof opens a session',
      async ({ app, account }) => {
        const { newProof, callWith } = await bound(app, account);
        const proof = await newProof();
        return async (at) => at.run(guest, {}, await callWith(at, proof));
      },
      'DPOP_PROOF_REUSED',
    ],
    [
      'a proof renews a session',
      async ({ app, account }) => {
        const { newProof, callWith, open } = await bound(app, account);
        const { refreshToken } = await open();
        const proof = await newProof();
        return async (at) => at.run(refresh, { refreshToken }, await callWith(at, proof));
      },
      'DPOP_PROOF_REUSED',
    ],
    [
      'a proof comes with a call',
      async ({ app, account }) => {
        const { newProof, open } = await bound(app, account);
        const { accessToken } = await open();
        const { client } = stranger(account);
        const presented = { scheme: 'dpop', proof: await newProof(accessToken), method: 'POST', path: PATH, client } as const;
        return (at) => at.container.resolve(AccessTokens).verify(accessToken, presented);
      },
      'DPOP_PROOF_REUSED',
    ],
  ],
  'account-invite': [
    [
      'an invite to an account lets in',
      async ({ app, account }) => {
        await settle(app, account, { signup: 'invite' });
        const operator = { ...anonymous(account), authority: { by: 'operator' } } as const;
        const { invite } = await app.run(createAccountInvite, { uses: 1, expiresInSeconds: 600 }, operator);
        return (at, number) => {
          const username = `invited${number}`;
          return at.run(signup, { username, email: `${username}@example.com`, password: PASSWORD, invite }, stranger(account));
        };
      },
      'INVITE_EXHAUSTED',
    ],
  ],
};

/** What is good once without a claim: a row of its own says so. */
export const unclaimed: readonly SingleUse[] = [
  [
    'the last place of an invite to a conversation is taken',
    async ({ app }) => {
      const { account, alice } = await createPeople(app.uow, 'alice');
      const names = range(1, TRIES).map((at) => `guest ${at}`);
      const guests = await createUsers(app.uow, account, names);
      const { view } = await app.run(createConversation, { type: 'group', title: 'A group' }, as(account, alice));
      const { code } = await app.run(createInvite, { conversationId: view.conversation.id, maxUses: 1 }, as(account, alice));
      return (at, number) => at.run(acceptInvite, { code }, as(account, guests[number] ?? alice));
    },
    'INVITE_EXHAUSTED',
  ],
];
