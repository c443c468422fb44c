import { authActions } from '@coucou/domain/auth/audit-actions';
import { OwnAccounts } from '../accounts/repositories.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { publicUseCase } from '../kernel/use-case.ts';
import { mailPorts, orderMail, requireMail } from '../mail/mail-events.ts';
import { PasswordHasher } from '../ports/password-hasher.ts';
import { RefusedPasswords } from '../ports/refused-passwords.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { endSessions } from './end-sessions.ts';
import { mailErrors } from '@coucou/domain/auth/mailed-link';
import { Totp } from '@coucou/domain/auth/second-factor';
import { mailLimitPorts, mayMail } from './mail-limits.ts';
import { claimLink, linkPorts, openLink, requireCurrent } from './mailed-links.ts';
import { credentialRepositories, proveMailbox } from './prove-mailbox.ts';
import { Claims, SecondFactors } from './repositories.ts';
import { requirePassword } from './require-password.ts';

/** Looks nobody up, so that the answer takes the same time whether or not somebody has the address. */
export const forgotPassword = publicUseCase({
  name: 'auth.forgotPassword',
  deps: { uow: unitOfWork({}), ...mailLimitPorts, ...mailPorts },
  async run({ uow, ...given }, { email }: Readonly<{ email: string }>, call) {
    requireMail(given);
    if (!(await mayMail(given, call, 'resetPassword', email))) return;
    await uow.write(call.account, async (tx) => orderMail(given, tx, { kind: 'resetPassword', email }));
  },
});

/**
 * A new password by a link. The link proves the mailbox: where that is the first proof, all that was attached before is dropped. Every
 * session ends. A password that is too weak leaves the link as it is.
 */
export const resetPassword = publicUseCase({
  name: 'auth.resetPassword',
  deps: {
    uow: unitOfWork({ ...credentialRepositories, claims: Claims }),
    reading: unitOfWork({ users: Users, accounts: OwnAccounts, secondFactors: SecondFactors }),
    hasher: PasswordHasher,
    refused: RefusedPasswords,
    ...linkPorts,
    ...auditPorts,
    ...mailPorts,
  },
  async run({ uow, reading, hasher, refused, ...given }, { token, password }: Readonly<{ token: string; password: string }>, call) {
    const link = openLink(given, call, token, ['resetPassword']);
    const { account, userId } = link.content;
    if (userId === undefined) throw mailErrors.LINK_INVALID();
    const { person, ...rules } = await reading.read(account, async (tx) => ({
      person: await tx.users.lookup(userId),
      account: await tx.accounts.own(),
      totp: await tx.secondFactors.lookup(userId),
    }));
    if (person === undefined) throw mailErrors.LINK_INVALID();
    // Before the first proof of the mailbox a second factor is somebody else's, and about to be dropped.
    const hasSecondFactor = person.emailVerified && Totp.isConfirmed(rules.totp);
    requirePassword(refused, password, { account: rules.account, owner: person, hasSecondFactor });
    const passwordHash = await hasher.hash(password, call.client.ip);
    await uow.write(account, async (tx) => {
      const found = requireCurrent(link, await tx.credentials.lock(person.id));
      await claimLink(tx, link);
      const user = await proveMailbox(given, tx, found, call, 'password_reset');
      await tx.users.setPassword(user.id, passwordHash);
      const ended = await endSessions(tx, { userId: user.id }, 'password_changed');
      await recordAudit(given, tx, { ...call, account }, authActions.password_reset, {
        target: user.id,
        details: { sessions: ended.length },
      });
      orderMail(given, tx, { kind: 'passwordChanged', userId: user.id });
    });
  },
});
