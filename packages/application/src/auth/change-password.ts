import { authActions } from '@coucou/domain/auth/audit-actions';
import { Totp } from '@coucou/domain/auth/second-factor';
import { authErrors } from '@coucou/domain/auth/session';
import { OwnAccounts } from '../accounts/repositories.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { useCase } from '../kernel/use-case.ts';
import { mailPorts, orderMail } from '../mail/mail-events.ts';
import { RefusedPasswords } from '../ports/refused-passwords.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { endSessions } from './end-sessions.ts';
import { credentialRepositories } from './prove-mailbox.ts';
import { reauthenticate, reauthenticationPorts } from './reauthenticate.ts';
import { requirePassword } from './require-password.ts';
import { SecondFactors } from './repositories.ts';

export type ChangePassword = Readonly<{ currentPassword?: string | undefined; newPassword: string }>;

/** Another password, or a first one. The other sessions end, and links that were sent before are void. */
export const changePassword = useCase({
  name: 'auth.changePassword',
  deps: {
    uow: unitOfWork(credentialRepositories),
    own: unitOfWork({ accounts: OwnAccounts, secondFactors: SecondFactors }),
    refused: RefusedPasswords,
    ...reauthenticationPorts,
    ...auditPorts,
    ...mailPorts,
  },
  async run({ uow, own, refused, ...given }, { currentPassword, newPassword }: ChangePassword, call) {
    const { userId, sessionId } = call.actor;
    const { user, securityVersion } = await reauthenticate(given, call, currentPassword);
    const rules = await own.read(call.account, async (tx) => ({
      account: await tx.accounts.own(),
      hasSecondFactor: Totp.isConfirmed(await tx.secondFactors.lookup(userId)),
    }));
    requirePassword(refused, newPassword, { ...rules, owner: user });
    const passwordHash = await given.hasher.hash(newPassword, call.client.ip);
    await uow.write(call.account, async (tx) => {
      const found = await tx.credentials.lock(userId);
      // Somebody else has changed it meanwhile: what was proven is not the password any more.
      if (found?.securityVersion !== securityVersion) throw authErrors.INVALID_CREDENTIALS();
      await tx.users.setPassword(userId, passwordHash);
      const ended = await endSessions(tx, { userId, except: sessionId }, 'password_changed');
      await recordAudit(given, tx, call, authActions.password_changed, { target: userId, details: { sessions: ended.length } });
      orderMail(given, tx, { kind: 'passwordChanged', userId });
    });
  },
});
