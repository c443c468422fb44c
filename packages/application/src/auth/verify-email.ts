import { authActions } from '@coucou/domain/auth/audit-actions';
import { mailedLinks, mailErrors } from '@coucou/domain/auth/mailed-link';
import { addSeconds } from '@coucou/domain/kernel/time';
import { User } from '@coucou/domain/users/user';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { mailPorts, orderMail } from '../mail/mail-events.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { HeldNames } from '../users/repositories.ts';
import { claimLink, linkPorts, openLink, type OpenedLink, requireCurrent } from './mailed-links.ts';
import { credentialRepositories, keepMailbox, tellSignIn } from './prove-mailbox.ts';
import { Claims } from './repositories.ts';

const repositories = { ...credentialRepositories, claims: Claims, heldNames: HeldNames };
type Tx = Writing<Ports<typeof repositories>>;

const ports = { ...auditPorts, ...mailPorts };
type Given = Ports<typeof ports>;

/** Whoever typed this address and never proved it loses it to who does: nobody keeps the owner of a mailbox from their own address. */
async function release(given: Given, tx: Tx, email: string, { id }: User): Promise<void> {
  const holder = (await tx.credentials.lockByEmail(email))?.user;
  if (holder === undefined || holder.id === id || holder.emailVerified) return;
  const without: User = { ...holder, email: undefined };
  await tx.credentials.updateEmail(without, given.clock.now());
  // Who has proven it, and from where, is not theirs to know.
  const unknown = { account: holder.accountId, client: { ip: '', userAgent: '' } };
  await recordAudit(given, tx, unknown, authActions.email_changed, { target: holder.id, details: { reason: 'proven by somebody else' } });
  tellSignIn(tx, without);
}

/** The address changes. A verified old address is notified, and can undo the change for 7 days. */
async function moveTo(given: Given, tx: Tx, before: User, { content }: OpenedLink, call: UserCall): Promise<User> {
  const now = given.clock.now();
  const user: User = { ...before, email: content.email, emailVerified: true };
  await release(given, tx, content.email, user);
  await tx.credentials.updateEmail(user, now);
  await tx.heldNames.remove('email', content.email);
  if (before.email !== undefined && before.emailVerified) {
    const version = content.version + 1;
    const until = addSeconds(now, mailedLinks.undoEmailChange.seconds);
    await tx.heldNames.put({ kind: 'email', name: before.email, userId: user.id, until, securityVersion: version });
    orderMail(given, tx, { kind: 'undoEmailChange', userId: user.id, email: before.email, version });
  }
  await recordAudit(given, tx, call, authActions.email_changed, { target: user.id });
  tellSignIn(tx, user);
  return user;
}

/**
 * Confirms an address, or a change to another, by a link that was sent to it. It takes the link and a session together: who follows a
 * link to an account that a stranger made with their address does not vouch for the stranger, and a mistyped address does not give the
 * account to whoever has it. So the person keeps what they sign in by.
 */
export const verifyEmail = useCase({
  name: 'auth.verifyEmail',
  deps: { uow: unitOfWork(repositories), ...linkPorts, ...ports },
  async run({ uow, ...given }, { token }: Readonly<{ token: string }>, call) {
    const link = openLink(given, call, token, ['verifyEmail', 'changeEmail']);
    return uow.write(call.account, async (tx) => {
      const { user } = requireCurrent(link, await tx.credentials.lock(call.actor.userId));
      await claimLink(tx, link);
      if (link.link === 'changeEmail') return moveTo(given, tx, user, link, call);
      if (user.email === undefined || User.emailKey(user.email) !== User.emailKey(link.content.email)) throw mailErrors.LINK_INVALID();
      return keepMailbox(given, tx, user, call, 'session');
    });
  },
});
