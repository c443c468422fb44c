import { token } from '../kernel/token.ts';

/** So many within so many seconds. */
export type Window = Readonly<{ limit: number; windowSeconds: number }>;

/** All windows of a list hold; an empty list is no limit. */
export type SignInLimits = Readonly<{
  /** Wrong tries at a secret, per identifier, address, person or known device. */
  guesses: readonly Window[];
  /** Sign-ups from one address. */
  signups: readonly Window[];
}>;
export const SignInLimits = token<SignInLimits>('SignInLimits');
