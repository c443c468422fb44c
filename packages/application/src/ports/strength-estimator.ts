import type { PasswordStrength } from '@coucou/domain/auth/password-strength';
import { token } from '../kernel/token.ts';

export interface StrengthEstimator {
  /**
   * How hard a password is to guess for somebody who knows these words. Of a long one its beginning is judged, which bounds the work. Few run
   * at a time and the others wait; `from` is the address of the caller, and addresses take turns. Throws `OVERLOADED` when too many wait.
   */
  estimate(password: string, words: readonly string[], from: string): Promise<PasswordStrength>;
}
export const StrengthEstimator = token<StrengthEstimator>('StrengthEstimator');
