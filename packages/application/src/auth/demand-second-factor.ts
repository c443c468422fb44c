import type { AccountSettings } from '@coucou/domain/accounts/account-settings';
import { authActions } from '@coucou/domain/auth/audit-actions';
import { Totp } from '@coucou/domain/auth/second-factor';
import { errors } from '@coucou/domain/kernel/errors';
import { Administration } from '@coucou/domain/users/administration';
import type { User } from '@coucou/domain/users/user';
import { OwnAccounts } from '../accounts/repositories.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { type auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import type { Writing } from '../ports/unit-of-work.ts';
import { UserAdministration } from '../users/repositories.ts';
import { endSessions } from './end-sessions.ts';
import { Passkeys, SecondFactors, Sessions } from './repositories.ts';

/** Whether the account demands a second factor of this person. */
export const demandsSecondFactor = ({ adminsNeedSecondFactor }: AccountSettings, { role }: Pick<User, 'role'>): boolean =>
  adminsNeedSecondFactor && Administration.administers(role);

export const secondFactorRepositories = { accounts: OwnAccounts, passkeys: Passkeys, secondFactors: SecondFactors };

/**
 * Asked after one was taken away, with the person locked: without any, the password alone would set up another (`enroll`). Throws
 * `FORBIDDEN` where the account demands one and none is left.
 */
export async function requireSecondFactorLeft(
  { accounts, passkeys, secondFactors }: Ports<typeof secondFactorRepositories>,
  user: Pick<User, 'id' | 'role'>,
): Promise<void> {
  if (!demandsSecondFactor((await accounts.own()).settings, user)) return;
  if ((await passkeys.list(user.id)).length > 0 || Totp.isConfirmed(await secondFactors.lookup(user.id))) return;
  throw errors.FORBIDDEN({ reason: 'admins of this account need a second factor; add a passkey or an authenticator app first' });
}

export const demandRepositories = {
  administration: UserAdministration,
  secondFactors: SecondFactors,
  sessions: Sessions,
  auditLog: AuditLog,
};

/**
 * From now on the account's administrators sign in with a second factor. Who has no authenticator app signs in again and sets one up, but for
 * sessions by passkey, which stand for both factors, and the one that demands it.
 */
export async function demandSecondFactor(
  ports: Ports<typeof auditPorts>,
  tx: Writing<Ports<typeof demandRepositories>>,
  call: Call,
): Promise<void> {
  const now = ports.clock.now();
  for (const userId of await tx.administration.listAdministrators()) {
    if (Totp.isConfirmed(await tx.secondFactors.lookup(userId))) continue;
    const open = await tx.sessions.list(userId, now);
    const only = open.filter(({ id, method }) => method !== 'passkey' && id !== call.actor?.sessionId).map(({ id }) => id);
    const { length: sessions } = await endSessions(tx, { userId, only }, 'second_factor_demanded');
    if (sessions > 0) await recordAudit(ports, tx, call, authActions.sessions_revoked, { target: userId, details: { sessions } });
  }
}
