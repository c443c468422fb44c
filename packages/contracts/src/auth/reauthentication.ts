import { password } from './signup.ts';

/** What an operation takes, and may answer, that changes by what somebody signs in: a recent sign-in, or the password. */
export const reauthentication = { password: password.optional().meta({ description: 'not needed within ten minutes of a sign-in' }) };
export const reauthenticationErrors = ['REAUTHENTICATION_REQUIRED', 'INVALID_CREDENTIALS', 'RATE_LIMITED'] as const;
