import type { User as WireUser } from '@coucou/contracts/users/user';
import type { User } from '@coucou/domain/users/user';
import type { z } from 'zod';

type Wire = z.infer<typeof WireUser>;

/** What anyone who may see a person sees of them; when they were last there is part of their presence, which fewer may see. */
export const presentUser = (user: User): Wire => ({
  id: user.id,
  username: user.username,
  displayName: user.displayName,
  avatarUrl: user.avatarUrl,
  bio: user.bio,
  custom: user.custom,
  role: user.role,
  guest: user.role === 'guest' ? true : undefined,
  createdAt: user.createdAt.toISOString(),
});

/** Of one person who is looked at: with what the viewer is to them. */
export const presentProfile = ({ user, own, maySeePresence }: Readonly<{ user: User; own: boolean; maySeePresence: boolean }>): Wire => ({
  ...(own ? presentOwnUser(user) : presentUser(user)),
  lastSeenAt: maySeePresence ? user.lastSeenAt?.toISOString() : undefined,
});

/** To oneself. */
export const presentOwnUser = (user: User): Wire => ({
  ...presentUser(user),
  lastSeenAt: user.lastSeenAt?.toISOString(),
  email: user.email,
  emailVerified: user.emailVerified,
});
