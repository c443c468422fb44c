import { accountErrors } from '@coucou/domain/accounts/account';
import type { AccountSettings } from '@coucou/domain/accounts/account-settings';
import { awaitsProof } from '@coucou/domain/accounts/signup-rules';
import type { AuditDetails } from '@coucou/domain/audit/audit-action';
import { authActions } from '@coucou/domain/auth/audit-actions';
import { Session, type SessionLifetimes, type SignInMethod } from '@coucou/domain/auth/session';
import type { Instant, UserId } from '@coucou/domain/kernel/ids';
import { Suspension } from '@coucou/domain/moderation/suspension';
import type { User } from '@coucou/domain/users/user';
import { OwnAccounts } from '../accounts/repositories.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Actor, Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { Suspensions } from '../moderation/repositories.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import { Proofs } from '../ports/proofs.ts';
import { SealedTokens } from '../ports/sealed-tokens.ts';
import { AccessTokens, RefreshTokens } from '../ports/tokens.ts';
import type { Writing } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { issueDeviceToken } from './known-device.ts';
import { proveKey } from './prove-key.ts';
import { Claims, Sessions } from './repositories.ts';
import { SessionSettings } from './session-settings.ts';

/** A session with the tokens for it, before the access token is signed. `deviceToken`: where it has just been opened. */
export type Opened = Readonly<{
  user: User;
  session: Session;
  refreshToken: string;
  deviceToken?: string;
  accessTokenTtlSeconds: number | undefined;
  /** Whether the account wants the person's mailbox proven first. */
  isUnproven: boolean;
}>;

export type Authenticated = Readonly<{
  user: User;
  session: Session;
  accessToken: string;
  accessTokenExpiresAt: Instant;
  refreshToken: string;
  deviceToken?: string;
}>;

export const sessionPorts = {
  clock: Clock,
  ids: Ids,
  settings: SessionSettings,
  access: AccessTokens,
  refreshTokens: RefreshTokens,
  sealed: SealedTokens,
  proofs: Proofs,
};
type SessionPorts = Ports<typeof sessionPorts>;

/** The account's own lifetimes go before those of the server. */
export const lifetimesOf = (account: AccountSettings, server: SessionSettings): SessionLifetimes => ({
  ttlSeconds: account.refreshTokenTtlSeconds ?? server.refreshTokenTtlSeconds,
  lifetimeSeconds: account.sessionLifetimeSeconds,
});

/** The repositories that opening a session needs. */
export const sessionRepositories = {
  accounts: OwnAccounts,
  users: Users,
  sessions: Sessions,
  claims: Claims,
  suspensions: Suspensions,
  auditLog: AuditLog,
};
type SessionRepositories = Ports<typeof sessionRepositories>;

/** What the account decides, where neither it nor the person is suspended: throws `ACCOUNT_SUSPENDED` and `USER_SUSPENDED`. */
export async function requireActive(
  { accounts, suspensions }: Pick<SessionRepositories, 'accounts' | 'suspensions'>,
  userId: UserId,
): Promise<AccountSettings> {
  const { settings, suspendedAt } = await accounts.own();
  if (suspendedAt !== undefined) throw accountErrors.SUSPENDED();
  Suspension.requireNone(await suspensions.since(userId));
  return settings;
}

/** What the account decides of an access token. */
export const grantOf = (
  settings: AccountSettings,
  user: User,
  method: SignInMethod,
): Pick<Opened, 'accessTokenTtlSeconds' | 'isUnproven'> => ({
  accessTokenTtlSeconds: settings.accessTokenTtlSeconds,
  isUnproven: awaitsProof(settings, user, method),
});

export type Opening = Readonly<{ method: SignInMethod; details?: Omit<AuditDetails<typeof authActions.signed_in.details>, 'method'> }>;

/**
 * Opens a session for this device: every way of signing in ends here. Throws `USER_SUSPENDED` and `ACCOUNT_SUSPENDED`, and what `proveKey`
 * throws where the account binds its sessions; whatever else may keep somebody out is the caller's to check.
 */
export async function openSession(
  ports: SessionPorts,
  tx: Writing<SessionRepositories>,
  user: User,
  call: Call,
  { method, details }: Opening,
): Promise<Opened> {
  const settings = await requireActive(tx, user.id);
  const keyThumbprint = settings.boundSessions ? await proveKey(ports, tx, call) : undefined;
  const id = ports.ids.next<'session'>();
  const { token, hash } = ports.refreshTokens.issue({ account: user.accountId, sessionId: id, rotation: 0 });
  const session = Session.open({
    accountId: user.accountId,
    id,
    userId: user.id,
    ip: call.client.ip,
    userAgent: call.client.userAgent,
    method,
    tokenHash: hash,
    keyThumbprint,
    now: ports.clock.now(),
    lifetimes: lifetimesOf(settings, ports.settings),
  });
  await tx.sessions.add(session);
  await recordAudit(ports, tx, { ...call, account: user.accountId }, authActions.signed_in, {
    target: user.id,
    sessionId: id,
    details: { method, ...details },
  });
  const deviceToken = await issueDeviceToken(ports, tx, user);
  return { user, session, refreshToken: token, deviceToken, ...grantOf(settings, user, method) };
}

/** Signs the access token, after the commit. */
export async function withAccessToken(access: SessionPorts['access'], opened: Opened): Promise<Authenticated> {
  const { accessTokenTtlSeconds: ttlSeconds, isUnproven, ...rest } = opened;
  const { session } = rest;
  const { accountId: account, userId, id: sessionId, rotation, keyThumbprint: thumbprint } = session;
  const actor: Actor = { userId, sessionId, ...(isUnproven && { isUnproven }) };
  const issued = await access.issue({ account, actor, rotation, ttlSeconds, thumbprint });
  return { ...rest, accessToken: issued.token, accessTokenExpiresAt: issued.expiresAt };
}
