import { SignInLimits, type Window } from '@coucou/application/auth/sign-in-limits';
import { z } from 'zod';
import { settingsOf } from '../feature.ts';

const count = (text: string | undefined): number => Number(text);

/** `10/900,100/86400`: every window holds. */
const windows = z.union([
  z.literal('off').transform((): Window[] => []),
  z
    .string()
    .regex(/^[1-9]\d{0,6}\/[1-9]\d{0,6}(?:,[1-9]\d{0,6}\/[1-9]\d{0,6})*$/)
    .transform((text) =>
      text.split(',').map((window): Window => {
        const [limit, seconds] = window.split('/');
        return { limit: count(limit), windowSeconds: count(seconds) };
      }),
    ),
]);
const expects = 'off, or counts per seconds such as 10/900, comma-separated where several hold';

export const limitSettings = settingsOf(
  SignInLimits,
  {
    LIMIT_LOGIN: {
      about:
        'Wrong passwords or codes of one identifier, and from one address (tokens that no issuer has signed as well), per seconds; devices that have signed in before count apart.',
      expects,
      fallback: '10/900',
      schema: windows,
    },
    LIMIT_SIGNUP: {
      about: 'Sign-ups from one address, per seconds.',
      expects,
      fallback: '20/3600',
      schema: windows,
    },
  },
  ({ LIMIT_LOGIN, LIMIT_SIGNUP }) => ({ guesses: LIMIT_LOGIN, signups: LIMIT_SIGNUP }),
);
