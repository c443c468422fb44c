import { z } from 'zod';
import { id, time } from '../kernel/types.ts';
import { User } from '../users/user.ts';

export const Session = z
  .object({
    id: id('session'),
    current: z.boolean(),
    ip: z.string(),
    userAgent: z.string(),
    device: z.string().optional(),
    browser: z.string().optional(),
    os: z.string().optional(),
    createdAt: time,
    lastUsedAt: time,
    expiresAt: time,
  })
  .meta({ id: 'Session' });

/** What sign-up, login and refresh answer. */
export const Authenticated = z
  .object({
    user: User,
    session: Session,
    accessToken: z.string(),
    accessTokenExpiresAt: time,
    refreshToken: z.string(),
    refreshTokenExpiresAt: time,
  })
  .meta({ id: 'Authenticated' });
