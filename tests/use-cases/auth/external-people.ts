import { exchangeToken } from '@coucou/application/auth/exchange-token';
import { listIdentities } from '@coucou/application/auth/identities';
import { signup } from '@coucou/application/auth/signup';
import type { Call } from '@coucou/application/kernel/call';
import { ExternalTokens } from '@coucou/application/ports/external-tokens';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { createAllowList } from '@coucou/outbound/allow-list';
import { createOutbound } from '@coucou/outbound/outbound';
import { createExternalTokens } from '@coucou/security/external-tokens/external-tokens';
import { override } from '@coucou/server/composition/ports';
import { auditOf } from '../../support/audit-log.ts';
import type { Payload } from '../../support/event-log.ts';
import type { Calling, TestApp } from '../../support/test-app.ts';
import { type SigningKey, signToken, type TokenIssuer } from '../../support/token-issuer.ts';
import { anonymous, as } from '../calls.ts';

/** Issuers of tests are at this machine. */
const allow = ['127.0.0.1'];
export const readingKeys = () =>
  override(ExternalTokens, createExternalTokens({ fetch: createOutbound({ allow }), isAllowed: createAllowList(allow) }));

export const NOON = new Date('2026-01-15T12:00:00.000Z');
export const AUDIENCE = 'https://chat.example.com';
const seconds = NOON.getTime() / 1_000;

export type Claims = Readonly<Record<string, unknown>>;
/** What an issuer says of somebody it knows. */
export const profile = {
  preferred_username: 'alice',
  name: 'Alice Martin',
  email: 'alice@example.com',
  email_verified: true,
  picture: 'https://login.example.com/alice.png',
};

export type Where = Readonly<{ app: TestApp; account: AccountId; issuer: TokenIssuer; key: SigningKey }>;

/** What the tests of external tokens do in the app and account of the moment. */
export const externalPeople = (where: () => Where) => {
  const claimsOf = (claims: Claims = {}): Claims => ({
    iss: where().issuer.url,
    aud: AUDIENCE,
    sub: 'alice',
    iat: seconds,
    exp: seconds + 300,
    jti: crypto.randomUUID(),
    ...claims,
  });
  const tokenFor = (claims?: Claims, header?: Claims, key = where().key) => signToken(key, claimsOf(claims), header);
  const exchange = (token: string, call: Call = anonymous(where().account)) => where().app.run(exchangeToken, { token }, call);
  return {
    claimsOf,
    tokenFor,
    exchange,
    /** From the claims of a token to a session. */
    signIn: async (claims?: Claims, call?: Call) => exchange(await tokenFor(claims), call),
    register: (by: Calling, more: Record<string, unknown> = {}): Promise<Payload> =>
      by.call('admin.registerIssuer', {
        issuer: where().issuer.url,
        jwksUrl: where().issuer.jwksUrl,
        audiences: [AUDIENCE],
        ...more,
      }),
    identitiesOf: (userId: UserId) => where().app.run(listIdentities, {}, as(where().account, userId)),
    /** Somebody who signed up here: their id. */
    async withPassword(username: string, verified: boolean): Promise<UserId> {
      const { app, account } = where();
      const input = { username, email: `${username}@example.com`, password: 'correct horse battery' };
      const { user } = await app.run(signup, input, anonymous(account));
      if (verified) await app.uow.write(account, (tx) => tx.credentials.proveEmail(user.id));
      return user.id;
    },
    eventsOf: async (userId: UserId) => (await auditOf(where().app, where().account, userId)).toReversed(),
  };
};

/** What a call is refused with, and what is said about it; `in` where it is not refused. */
export const answerOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => 'in',
    ({ code, kind, details }: { code?: string; kind?: string; details?: unknown }) => (kind === 'internal' ? 'broken' : { code, details }),
  );
