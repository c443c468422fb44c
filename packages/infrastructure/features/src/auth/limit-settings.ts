import { SignInLimits } from '@coucou/application/auth/sign-in-limits';
import { settingsOf } from '../feature.ts';
import { rates, ratesExpected } from '../rates.ts';

export const limitSettings = settingsOf(
  SignInLimits,
  {
    LIMIT_LOGIN: {
      about:
        'Wrong passwords or codes of one identifier, and from one address (tokens that no issuer has signed as well), per seconds; devices that have signed in before count apart.',
      expects: ratesExpected,
      fallback: '10/900',
      schema: rates,
    },
    LIMIT_SIGNUP: {
      about: 'Sign-ups from one address, per seconds.',
      expects: ratesExpected,
      fallback: '20/3600',
      schema: rates,
    },
  },
  ({ LIMIT_LOGIN, LIMIT_SIGNUP }) => ({ guesses: LIMIT_LOGIN, signups: LIMIT_SIGNUP }),
);
