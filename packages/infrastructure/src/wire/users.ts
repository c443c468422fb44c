import type { User as WireUser } from '@coucou/contracts/users/user';
import type { User } from '@coucou/domain/users/user';
import type { z } from 'zod';

type Wire = z.infer<typeof WireUser>;

/** What anyone who may see a person sees of them. */
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
  lastSeenAt: user.lastSeenAt?.toISOString(),
});

/** To oneself. */
export const presentOwnUser = (user: User): Wire => ({ ...presentUser(user), email: user.email, emailVerified: user.emailVerified });
