import type { CreatedInvite } from '@coucou/application/accounts/account-invites';
import type { LimitsOfAccount } from '@coucou/application/accounts/account-limits';
import type { AdminUser } from '@coucou/application/accounts/admin-user-reader';
import type { Account as WireAccount } from '@coucou/contracts/accounts/accounts';
import type { AccountSettings as WireSettings } from '@coucou/contracts/accounts/settings';
import type { AdminUser as WireAdminUser } from '@coucou/contracts/accounts/users';
import type { Account } from '@coucou/domain/accounts/account';
import type { AccountLimits } from '@coucou/domain/accounts/account-limits';
import type { AccountSettings } from '@coucou/domain/accounts/account-settings';
import type { Session } from '@coucou/domain/auth/session';
import { presentSession } from '../auth/presenters.ts';
import { presentOwnUser } from '../users/presenters.ts';
import type { z } from 'zod';

export const presentAdminUser = ({ user, suspendedAt, mutedUntil, externalId }: AdminUser): z.infer<typeof WireAdminUser> => ({
  ...presentOwnUser(user),
  suspendedAt: suspendedAt?.toISOString(),
  mutedUntil: mutedUntil?.toISOString(),
  externalId,
});

/** To who administers none of them is their own. */
export const presentUserSessions = (sessions: readonly Session[]) => ({ items: sessions.map((session) => presentSession(session, false)) });

export const presentInvite = ({ invite, uses, expiresAt }: CreatedInvite) => ({ invite, uses, expiresAt: expiresAt.toISOString() });

export const presentSettings = (settings: AccountSettings): z.infer<typeof WireSettings> => ({
  signup: settings.signup,
  emailDomains: [...settings.emailDomains],
  passwordPolicy: settings.passwordPolicy,
  accessTokenTtlSeconds: settings.accessTokenTtlSeconds,
  refreshTokenTtlSeconds: settings.refreshTokenTtlSeconds,
  sessionLifetimeSeconds: settings.sessionLifetimeSeconds,
  adminsNeedSecondFactor: settings.adminsNeedSecondFactor,
  guests: settings.guests,
  boundSessions: settings.boundSessions,
  emailVerificationRequired: settings.emailVerificationRequired,
  locale: settings.locale,
  appUrl: settings.appUrl,
  returnTo: [...settings.returnTo],
});

const wireLimits = ({ rest, socketEvents, userMessages, conversationMessages, connections }: AccountLimits) => ({
  rest: rest && [...rest],
  socketEvents: socketEvents && [...socketEvents],
  userMessages: userMessages && [...userMessages],
  conversationMessages: conversationMessages && [...conversationMessages],
  connections,
});

export const presentLimits = ({ own, inForce }: LimitsOfAccount) => ({ own: wireLimits(own), inForce: wireLimits(inForce) });

export const presentAccount = ({ id, name, clientKey, createdAt }: Account): z.infer<typeof WireAccount> => ({
  id,
  name,
  clientKey,
  createdAt: createdAt.toISOString(),
});
