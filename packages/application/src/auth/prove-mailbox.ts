import { authActions } from '@coucou/domain/auth/audit-actions';
import type { LockedUser } from '@coucou/domain/auth/credential-repository';
import type { RevocationReason } from '@coucou/domain/auth/session';
import type { User } from '@coucou/domain/users/user';
import { AuditLog } from '../audit/audit-log.ts';
import { type auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import type { Writing } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { endSessions } from './end-sessions.ts';
import { Credentials, Identities, Passkeys, SecondFactors, Sessions } from './repositories.ts';

/** Of everything that somebody can sign in by; a new kind of credential is dropped in `dropCredentials`, and its repository named here. */
export const credentialRepositories = {
  users: Users,
  credentials: Credentials,
  secondFactors: SecondFactors,
  passkeys: Passkeys,
  identities: Identities,
  sessions: Sessions,
  auditLog: AuditLog,
};
type Tx = Writing<Ports<typeof credentialRepositories>>;
type Given = Ports<typeof auditPorts>;

/** By what somebody has proven to own the mailbox. */
export type MailboxProof = 'magic_link' | 'password_reset' | 'oauth' | 'external';

/** Everything that the person could sign in by is void, and every session ends; links in mails die with the security version. */
export async function dropCredentials(
  given: Given,
  tx: Tx,
  user: User,
  call: Call,
  reason: RevocationReason,
  by: MailboxProof | 'email_undo',
): Promise<void> {
  await tx.users.setPassword(user.id, undefined);
  await tx.secondFactors.remove(user.id);
  await tx.passkeys.removeAll(user.id);
  await tx.identities.removeAll(user.id);
  const ended = await endSessions(tx, { userId: user.id }, reason);
  await recordAudit(given, tx, { ...call, account: user.accountId }, authActions.credentials_dropped, {
    target: user.id,
    details: { by, sessions: ended.length },
  });
}

/**
 * Somebody has proven to own the person's mailbox, without being signed in. The first such proof drops whatever was attached before it:
 * a person who signed up with somebody else's address has no way back in (pre-hijacking). The person is locked, so that nothing can be
 * attached meanwhile. Answers the person as they are now.
 */
export async function proveMailbox(given: Given, tx: Tx, { user }: Pick<LockedUser, 'user'>, call: Call, by: MailboxProof): Promise<User> {
  if (user.emailVerified) return user;
  await dropCredentials(given, tx, user, call, 'unproven', by);
  return keepMailbox(given, tx, user, call, by);
}

/** The address is proven, by somebody who may keep what they sign in by. */
export async function keepMailbox(given: Given, tx: Tx, user: User, call: Call, by: MailboxProof | 'session'): Promise<User> {
  await tx.credentials.proveEmail(user.id);
  const proven: User = { ...user, emailVerified: true };
  await recordAudit(given, tx, { ...call, account: user.accountId }, authActions.email_verified, { target: user.id, details: { by } });
  tellSignIn(tx, proven);
  return proven;
}

/** Tells the person's own devices by what names they sign in now. */
export const tellSignIn = (tx: Writing, { id: userId, username, email, emailVerified }: User): void =>
  tx.emit(feedEntryAdded({ userId, kind: 'sign_in.updated', payload: { username, email: email ?? null, emailVerified } }));
