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

/**
 * Every operation that opens a session takes this, and needs nothing else for it: HTTP moves the refresh token of the answer into a cookie.
 */
export const sessionMode = z.literal('cookie').optional().meta({
  description: 'cookie: for browsers; the refresh token is set as an HttpOnly cookie instead of being answered',
});
/** Of an earlier sign-in. One that is void is ignored. */
export const deviceToken = z
  .string()
  .min(1)
  .max(512)
  .meta({ examples: ['a1S2d3F4g5H6j7K8l9'], description: 'from an earlier sign-in of the same person on this device' });

/** What sign-up, login and refresh answer. */
export const Authenticated = z
  .object({
    user: User,
    session: Session,
    accessToken: z.string(),
    accessTokenExpiresAt: time,
    tokenType: z
      .enum(['Bearer', 'DPoP'])
      .meta({ description: 'the scheme that the access token is sent under; DPoP: bound to the key of the device' }),
    refreshToken: z.string().optional().meta({ description: 'absent in cookie mode' }),
    refreshTokenExpiresAt: time,
    csrfToken: z
      .string()
      .optional()
      .meta({ description: 'in cookie mode: for the header X-CSRF-Token of calls that the cookie authenticates' }),
    deviceToken: z
      .string()
      .optional()
      .meta({
        examples: ['a1S2d3F4g5H6j7K8l9'],
        description:
          'answered by every sign-in; keep it, also past a sign-out, and send it with the next one: wrong tries of others then keep nobody out',
      }),
  })
  .meta({ id: 'Authenticated' });
