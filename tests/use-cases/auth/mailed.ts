import { SignInLimits } from '@coucou/application/auth/sign-in-limits';
import { signup } from '@coucou/application/auth/signup';
import type { Authenticated } from '@coucou/application/auth/open-session';
import type { Call, UserCall } from '@coucou/application/kernel/call';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { CapturedMail } from '@coucou/mail/mailbox';
import { override } from '@coucou/server/composition/ports';
import { CaughtMail } from '@coucou/server/start/mail';
import { expect } from 'vitest';
import { actionsOn } from '../../support/audit-log.ts';
import type { TestApp } from '../../support/test-app.ts';
import { anonymous } from '../calls.ts';

/** The limits of a server that is configured with none. */
export const limited = override(SignInLimits, { guesses: [{ limit: 10, windowSeconds: 900 }], signups: [] });

export const PASSWORD = 'correct horse battery';

let networks = 0;
/** A call of nobody in particular, each from a network of its own. */
export function stranger(account: AccountId): Call {
  networks += 1;
  return { ...anonymous(account), client: { ip: `10.${networks >> 16}.${(networks >> 8) & 255}.${networks & 255}`, userAgent: 'a test' } };
}

export const signedIn = ({ user, session }: Pick<Authenticated, 'user' | 'session'>): UserCall => ({
  ...stranger(user.accountId),
  actor: { userId: user.id, sessionId: session.id },
});

export const signUp = (app: TestApp, account: AccountId, name: string): Promise<Authenticated> =>
  app.run(signup, { username: name, email: `${name}@example.com`, password: PASSWORD }, stranger(account));

/** What was sent to this address, newest first. */
export async function mailsTo(app: TestApp, address: string): Promise<readonly CapturedMail[]> {
  await app.settled();
  return app.container
    .resolve(CaughtMail)
    .list()
    .filter(({ to }) => to === address);
}

/** The token in the newest mail to this address whose link has this path. */
export async function tokenTo(app: TestApp, address: string, path: string): Promise<string> {
  const mails = await mailsTo(app, address);
  const token = mails
    .map(({ link }) => new RegExp(`^http://127\\.0\\.0\\.1:3000/links/${path}#token=(.+)$`).exec(link ?? '')?.[1])
    .find(Boolean);
  expect(token, `a mail to ${address} for ${path} among ${mails.map(({ subject }) => subject).join('; ')}`).toBeDefined();
  return token ?? '';
}

export const kindsOf = (app: TestApp, { user }: Pick<Authenticated, 'user'>): Promise<string[]> => actionsOn(app, user.accountId, user.id);
