import { SessionSettings } from '@coucou/application/auth/session-settings';
import { z } from 'zod';
import { settingsOf } from '../feature.ts';

const LONGEST = 315_360_000;

export const sessionSettings = settingsOf(
  SessionSettings,
  {
    REFRESH_TOKEN_TTL: {
      about: 'Lifetime of a refresh token, in seconds: how long an unused device stays signed in.',
      expects: `a whole number of seconds, at most ${LONGEST}`,
      fallback: '604800',
      schema: z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(1).max(LONGEST)),
    },
    REFRESH_GRACE: {
      about: 'How long a spent refresh token still answers its successor, in seconds, for tabs that refresh at once.',
      expects: 'a whole number of seconds, at most 300',
      fallback: '10',
      schema: z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(0).max(300)),
    },
  },
  ({ REFRESH_TOKEN_TTL, REFRESH_GRACE }) => ({ refreshTokenTtlSeconds: REFRESH_TOKEN_TTL, refreshGraceSeconds: REFRESH_GRACE }),
);
