import type { User as WireUser } from '@coucou/contracts/users/user';
import type { User } from '@coucou/domain/users/user';
import type { z } from 'zod';

type Wire = z.infer<typeof WireUser>;

/** The public profile; `lastSeenAt` belongs to presence, which fewer users may see. */
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

/** A profile, with the viewer's standing to the user. */
export const presentProfile = ({ user, own, maySeePresence }: Readonly<{ user: User; own: boolean; maySeePresence: boolean }>): Wire => ({
  ...(own ? presentOwnUser(user) : presentUser(user)),
  lastSeenAt: maySeePresence ? user.lastSeenAt?.toISOString() : undefined,
});

/** For the user. */
export const presentOwnUser = (user: User): Wire => ({
  ...presentUser(user),
  lastSeenAt: user.lastSeenAt?.toISOString(),
  email: user.email,
  emailVerified: user.emailVerified,
});
