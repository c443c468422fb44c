import type { OwnAccount } from '@coucou/domain/accounts/account-repository';
import { requireOpenSignup } from '@coucou/domain/accounts/signup-rules';
import { authActions } from '@coucou/domain/auth/audit-actions';
import type { Instant } from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import { openInvite, type OpenedInvite, useInvite } from '../accounts/account-invites.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { publicUseCase } from '../kernel/use-case.ts';
import { orderMail } from '../mail/mail-events.ts';
import { Mailer } from '../ports/mailer.ts';
import type { SealedTokens } from '../ports/sealed-tokens.ts';
import { PasswordHasher } from '../ports/password-hasher.ts';
import { RefusedPasswords } from '../ports/refused-passwords.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { GuessLimits } from './guess-limits.ts';
import { openSession, sessionPorts, sessionRepositories, withAccessToken } from './open-session.ts';
import { requirePassword } from './require-password.ts';

export type Signup = Readonly<{
  username: string;
  email: string;
  password: string;
  displayName?: string | undefined;
  /** Where signing up needs one. */
  invite?: string | undefined;
}>;

export const signup = publicUseCase({
  name: 'auth.signup',
  deps: {
    uow: unitOfWork({ ...sessionRepositories }),
    hasher: PasswordHasher,
    refused: RefusedPasswords,
    guesses: GuessLimits,
    mailer: Mailer,
    ...sessionPorts,
  },
  async run({ uow, hasher, refused, guesses, mailer, ...ports }, input: Signup, call) {
    hasher.requireRoom(call.client.ip);
    const account = await uow.read(call.account, (tx) => tx.accounts.own());
    const invite = admittedBy(ports.sealed, account, input, ports.clock.now());
    requirePassword(refused, input.password, { account, owner: input, hasSecondFactor: false });
    const passwordHash = await guesses.spendSignup(call, () => hasher.hash(input.password, call.client.ip));
    const opened = await uow.write(call.account, async (tx) => {
      const user = User.signUp({
        accountId: call.account,
        id: ports.ids.next(),
        username: input.username,
        email: input.email,
        displayName: input.displayName,
        now: ports.clock.now(),
      });
      if (invite !== undefined) await useInvite(tx, invite);
      await tx.users.add(user, passwordHash);
      await recordAudit(ports, tx, call, authActions.signed_up, { target: user.id });
      orderMail({ mailer, clock: ports.clock }, tx, { kind: 'verifyEmail', userId: user.id, email: input.email, version: 0 });
      return openSession(ports, tx, user, call, { method: 'password' });
    });
    return withAccessToken(ports.access, opened);
  },
});

/** The invite that a sign-up uses, where the account requires one. Throws where the account does not admit the person. */
export function admittedBy(
  sealed: SealedTokens,
  { id, settings }: OwnAccount,
  { email, invite }: Readonly<{ email: string | undefined; invite?: string | undefined }>,
  now: Instant,
): OpenedInvite | undefined {
  const needsInvite = settings.signup === 'invite';
  requireOpenSignup(needsInvite ? { ...settings, signup: 'open' } : settings, email);
  return needsInvite ? openInvite(sealed, id, invite, now) : undefined;
}
