import { answerChallenge } from '@coucou/application/auth/answer-challenge';
import { enrollTotp } from '@coucou/application/auth/enroll-totp';
import { login } from '@coucou/application/auth/login';
import { signup } from '@coucou/application/auth/signup';
import { confirmTotp } from '@coucou/application/auth/totp';
import type { Call, UserCall } from '@coucou/application/kernel/call';
import { DEFAULT_ACCOUNT_SETTINGS } from '@coucou/domain/accounts/account-settings';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { actionsOn } from '../../support/audit-log.ts';
import type { TestApp } from '../../support/test-app.ts';
import { totpCode } from '../../support/totp.ts';
import { anonymous } from '../calls.ts';

export type Where = Readonly<{ app: TestApp; account: AccountId }>;

export const NOON = new Date('2026-01-15T12:00:00.000Z').getTime();
export const password = 'correct horse battery';
/** The code of a moment, in seconds after noon. */
export const code = (secret: string, seconds: number): string => totpCode(secret, new Date(NOON + seconds * 1000));

/** What the tests of second factors do in the app and account of the moment. */
export const secondFactorPeople = (where: () => Where) => {
  type Person = Awaited<ReturnType<typeof signUp>>;
  const signUp = (username = 'alice', at = where().account) =>
    where().app.run(signup, { username, email: `${username}@example.com`, password }, anonymous(at));
  const as = ({ user, session }: Person): UserCall => ({ ...anonymous(user.accountId), actor: { userId: user.id, sessionId: session.id } });
  return {
    signUp,
    as,
    /** Moves the clock, in seconds after noon. */
    at: (seconds: number): Date => (where().app.time.now = new Date(NOON + seconds * 1000)),
    from: (ip: string): Call => ({ ...anonymous(where().account), client: { ip, userAgent: 'a test' } }),
    logIn: (more: Partial<Parameters<typeof login.run>[1]> = {}, call: Call = anonymous(where().account)) =>
      where().app.run(login, { identifier: 'alice', password, ...more }, call),
    answer: (input: Parameters<typeof answerChallenge.run>[1], call: Call = anonymous(where().account)) =>
      where().app.run(answerChallenge, input, call),
    eventsOf: ({ user }: Person) => actionsOn(where().app, user.accountId, user.id),
    settings: (change: object) =>
      where().app.uow.write(where().account, (tx) => tx.accounts.updateSettings({ ...DEFAULT_ACCOUNT_SETTINGS, ...change })),
    /** Sets an app up with the code of noon. */
    async enrolled(person: Person) {
      const { app } = where();
      const { secret, uri } = await app.run(enrollTotp, {}, as(person));
      const { recoveryCodes } = await app.run(confirmTotp, { code: code(secret, 0) }, as(person));
      return { secret, uri, recoveryCodes };
    },
  };
};
