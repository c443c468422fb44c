import { authActions } from '@coucou/domain/auth/audit-actions';
import { mailErrors } from '@coucou/domain/auth/mailed-link';
import type { User } from '@coucou/domain/users/user';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { publicUseCase, useCase } from '../kernel/use-case.ts';
import { mailPorts, orderMail, requireMail } from '../mail/mail-events.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { HeldNames } from '../users/repositories.ts';
import { mailLimitPorts, mayMail } from './mail-limits.ts';
import { claimLink, linkPorts, openLink } from './mailed-links.ts';
import { credentialRepositories, dropCredentials, tellSignIn } from './prove-mailbox.ts';
import { reauthenticate, reauthenticationPorts } from './reauthenticate.ts';
import { Claims } from './repositories.ts';

export type ChangeEmail = Readonly<{ email: string; password?: string | undefined }>;

/** Sends a link to the new address; nothing changes until it is confirmed (`auth.verifyEmail`). Whether somebody has the address is not said. */
export const changeEmail = useCase({
  name: 'auth.changeEmail',
  deps: { uow: unitOfWork({}), ...reauthenticationPorts, ...mailLimitPorts, ...mailPorts },
  async run({ uow, ...given }, { email, password }: ChangeEmail, call) {
    requireMail(given);
    const { user, securityVersion: version } = await reauthenticate(given, call, password);
    if (!(await mayMail(given, call, 'changeEmail', email))) return;
    await uow.write(call.account, async (tx) => orderMail(given, tx, { kind: 'changeEmail', userId: user.id, email, version }));
  },
});

/**
 * Goes back to the address before a change, by the link that was sent there. Whoever made the change knew the password, so everything that the
 * person signs in by is void: they sign in by their mailbox. The right to go back is the hold on the address: going back ends those of
 * later changes, so that a stranger's mailbox cannot undo the undoing. Not bound to the security version, which the stranger may raise.
 */
export const undoEmailChange = publicUseCase({
  name: 'auth.undoEmailChange',
  deps: {
    uow: unitOfWork({ ...credentialRepositories, claims: Claims, heldNames: HeldNames }),
    ...linkPorts,
    ...auditPorts,
  },
  async run({ uow, ...given }, { token }: Readonly<{ token: string }>, call) {
    const link = openLink(given, call, token, ['undoEmailChange']);
    const { account, userId, email, version } = link.content;
    await uow.write(account, async (tx) => {
      const found = userId && (await tx.credentials.lock(userId));
      const now = given.clock.now();
      const held = await tx.heldNames.lookup('email', email, now);
      if (found === undefined || held === undefined || held.userId !== userId || held.securityVersion !== version)
        throw mailErrors.LINK_INVALID();
      await claimLink(tx, link);
      const user: User = { ...found.user, email: held.name, emailVerified: true };
      await dropCredentials(given, tx, user, call, 'revoked', 'email_undo');
      await tx.credentials.updateEmail(user, now);
      await tx.heldNames.removeEmailsSince(user.id, version);
      await recordAudit(given, tx, { ...call, account }, authActions.email_change_undone, { target: user.id });
      tellSignIn(tx, user);
    });
  },
});
