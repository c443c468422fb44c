import { exchangeOauth } from '@coucou/application/auth/exchange-oauth';
import { flowSeconds, type OauthCode } from '@coucou/application/auth/oauth-flow';
import type { Call, UserCall } from '@coucou/application/kernel/call';
import type { ProvidedIdentity } from '@coucou/application/ports/identity-providers';
import { SealedTokens } from '@coucou/application/ports/sealed-tokens';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { User } from '@coucou/domain/users/user';
import { opaqueTokens } from '@coucou/security/opaque-tokens';
import { actionsOn } from '../../support/audit-log.ts';
import { createSession, ids } from '../../support/fixtures.ts';
import type { TestApp } from '../../support/test-app.ts';
import { anonymous } from '../calls.ts';

export type Where = Readonly<{ app: TestApp; account: AccountId }>;

export const BROWSER = opaqueTokens.generate();
export const said: ProvidedIdentity = {
  issuer: 'https://issuer.example',
  subject: 'alice',
  email: 'alice@example.com',
  emailVerified: true,
  username: 'alice',
  displayName: 'Alice Martin',
};

/** What the tests of identities do in the app and account of the moment. */
export const identityCodes = (where: () => Where) => {
  /** A code as the callback seals it, for what an issuer said. */
  function codeFor(identity: Partial<ProvidedIdentity> = {}, more: Partial<OauthCode> = {}): string {
    const { app, account } = where();
    const content: OauthCode = {
      account,
      provider: 'test',
      browser: opaqueTokens.hash(BROWSER),
      identity: { ...said, ...identity },
      ...more,
    };
    const now = app.time.now ?? new Date();
    return app.container.resolve(SealedTokens).seal('oauth-code', content, addSeconds(now, flowSeconds.code));
  }
  const inBrowser = (browser = BROWSER, at = where().account): Call => ({ ...anonymous(at), browser });
  const exchange = (code: string, call = inBrowser(), codeVerifier?: string) =>
    where().app.run(exchangeOauth, { code, codeVerifier }, call);
  return {
    codeFor,
    inBrowser,
    exchange,
    signIn: (identity: Partial<ProvidedIdentity> = {}) => exchange(codeFor(identity)),
    async eventsOf(userId: UserId) {
      const { app, account } = where();
      return (await actionsOn(app, account, userId)).toReversed();
    },
    /** The calls of somebody who has just signed in, in this browser. */
    async signedIn(userId: UserId): Promise<UserCall> {
      const { app, account } = where();
      const { id: sessionId } = await createSession(app.uow, { accountId: account, userId, now: app.time.now ?? new Date() });
      return { ...anonymous(account), actor: { userId, sessionId }, browser: BROWSER };
    },
    /** Somebody with a password, whose address is verified or not. */
    async withPassword(name: string, verified: boolean): Promise<UserId> {
      const { app, account } = where();
      const id = ids.next<'user'>();
      const email = `${name}@example.com`;
      const user = User.signUp({
        accountId: account,
        id,
        username: name,
        email,
        emailVerified: verified,
        displayName: name,
        now: new Date(),
      });
      await app.uow.write(account, (tx) => tx.users.add(user, 'a hash'));
      return id;
    },
  };
};
