import { authActions } from '@coucou/domain/auth/audit-actions';
import { guestErrors, User } from '@coucou/domain/users/user';
import { errors } from '@coucou/domain/kernel/errors';
import { limits } from '@coucou/domain/kernel/limits';
import { useInvite } from '../accounts/account-invites.ts';
import { OwnAccounts } from '../accounts/repositories.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { networkOf } from '../kernel/network-of.ts';
import { publicUseCase, useCase } from '../kernel/use-case.ts';
import { mailPorts, orderMail } from '../mail/mail-events.ts';
import { CurrentMembers } from '../ports/current-members.ts';
import { Ids } from '../ports/ids.ts';
import { PasswordHasher } from '../ports/password-hasher.ts';
import { type RateLimit, RateLimiter } from '../ports/rate-limiter.ts';
import { RefusedPasswords } from '../ports/refused-passwords.ts';
import { SealedTokens } from '../ports/sealed-tokens.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { announceProfile } from '../users/announce-profile.ts';
import { UserAdministration, UserRelations, Users } from '../users/repositories.ts';
import { GuessLimits } from './guess-limits.ts';
import { openSession, sessionPorts, sessionRepositories, withAccessToken } from './open-session.ts';
import { Claims } from './repositories.ts';
import { requirePassword } from './require-password.ts';
import { admittedBy, type Signup } from './signup.ts';

/** Guests from one address, in one account. */
const GUESTS: RateLimit = { name: 'guests', limit: 20, windowSeconds: 3_600 };

/** Lets somebody in who says nothing of themselves. */
export const guest = publicUseCase({
  name: 'auth.guest',
  deps: { uow: unitOfWork(sessionRepositories), limiter: RateLimiter, ...sessionPorts },
  async run({ uow, limiter, ...ports }, { displayName }: Readonly<{ displayName?: string | undefined }>, call) {
    const { settings } = await uow.read(call.account, (tx) => tx.accounts.own());
    if (!settings.guests) throw guestErrors.GUESTS_NOT_ALLOWED();
    await limiter.take(GUESTS, `${call.account}:${networkOf(call.client.ip)}`);
    const user = User.guest({ accountId: call.account, id: ports.ids.next(), displayName, now: ports.clock.now() });
    const opened = await uow.write(call.account, async (tx) => {
      await tx.users.add(user, undefined);
      return openSession(ports, tx, user, call, { method: 'guest' });
    });
    return withAccessToken(ports.access, opened);
  },
});

/** A guest becomes a member, under the rules of signing up. They stay who they are: id, history and session. */
export const upgradeGuest = useCase({
  name: 'auth.upgradeGuest',
  deps: {
    uow: unitOfWork({
      users: Users,
      administration: UserAdministration,
      relations: UserRelations,
      accounts: OwnAccounts,
      claims: Claims,
      auditLog: AuditLog,
    }),
    hasher: PasswordHasher,
    refused: RefusedPasswords,
    guesses: GuessLimits,
    sealed: SealedTokens,
    ids: Ids,
    currentMembers: CurrentMembers,
    ...mailPorts,
  },
  async run({ uow, hasher, refused, guesses, sealed, currentMembers, ...ports }, input: Signup, call) {
    const { userId } = call.actor;
    const { account, known } = await uow.read(call.account, async (tx) => ({
      account: await tx.accounts.own(),
      known: await tx.users.lookup(userId),
    }));
    if (known === undefined) throw errors.UNAUTHENTICATED();
    if (known.role !== 'guest') throw guestErrors.NOT_A_GUEST();
    const invite = admittedBy(sealed, account, input, ports.clock.now());
    requirePassword(refused, input.password, { account, owner: input, hasSecondFactor: false });
    const passwordHash = await guesses.spendSignup(call, () => hasher.hash(input.password, call.client.ip));
    const shownIn = await currentMembers.ofUser(call.account, userId, limits.shownConversations);
    return uow.write(call.account, async (tx) => {
      const [current] = await tx.users.lock([userId]);
      if (current === undefined) throw errors.UNAUTHENTICATED();
      if (current.role !== 'guest') throw guestErrors.NOT_A_GUEST();
      if (invite !== undefined) await useInvite(tx, invite);
      const user = User.upgrade(current, input);
      await tx.administration.upgradeGuest(user, passwordHash, ports.clock.now());
      await announceProfile(tx, user, shownIn);
      await recordAudit(ports, tx, call, authActions.guest_upgraded, { target: userId });
      const { securityVersion: version = 0 } = (await tx.users.lookupCredentials(userId)) ?? {};
      orderMail(ports, tx, { kind: 'verifyEmail', userId, email: input.email, version });
      return user;
    });
  },
});
