import { fold } from '../kernel/folding.ts';
import { limits } from '../kernel/limits.ts';
import { authErrors } from './session.ts';

/**
 * NIST SP 800-63B: length counts, composition rules do not; common passwords are refused, and so are those
 * that repeat the user's own name. What is hashed is the NFKC form, so that is what is looked at: the same password in full-width letters is no
 * other. `common` is the list of refused passwords, in lower case.
 */
export function checkPassword(password: string, personal: readonly string[], common: ReadonlySet<string>): void {
  const hashed = password.normalize('NFKC');
  const length = [...hashed].length;
  if (length < limits.password.min || length > limits.password.max)
    throw authErrors.PASSWORD_TOO_WEAK({ reason: 'length', min: limits.password.min, max: limits.password.max });
  const lower = hashed.toLowerCase();
  if (common.has(lower)) throw authErrors.PASSWORD_TOO_WEAK({ reason: 'common' });
  if (personal.some((word) => fold(word).text === fold(password).text)) throw authErrors.PASSWORD_TOO_WEAK({ reason: 'personal' });
  if (new Set(lower).size < 3) throw authErrors.PASSWORD_TOO_WEAK({ reason: 'repetition' });
}
