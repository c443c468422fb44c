import type { AccountSettings } from '../accounts/account-settings.ts';
import { fold } from '../kernel/folding.ts';
import { limits } from '../kernel/limits.ts';
import { authErrors } from './session.ts';

/** NIST SP 800-63B-4, 3.1.1.2: a password that is the only factor has at least this many characters. */
const NIST_SINGLE_FACTOR = 15;

/** Whose password it is, as far as words are concerned that others try first. */
export type PasswordOwner = Readonly<{ username: string; email: string | undefined; displayName?: string | undefined }>;

export type PasswordRules = Readonly<{
  policy: AccountSettings['passwordPolicy'];
  /** Whether whoever knows the password still needs something else to get in. */
  hasSecondFactor: boolean;
  owner: PasswordOwner;
  /** Names of the service: of the product, the account, the hosts it is reached at. */
  serviceWords: readonly string[];
  /** Passwords that everybody knows, in lower case. */
  common: ReadonlySet<string>;
}>;

/** The fewest code points of a password, after NFKC. */
export const shortestPassword = ({ policy, hasSecondFactor }: Pick<PasswordRules, 'policy' | 'hasSecondFactor'>): number =>
  policy === 'nist-aal1' && !hasSecondFactor ? NIST_SINGLE_FACTOR : limits.password.min;

/** The rule that a password breaks. */
export type PasswordFault =
  | Readonly<{ reason: 'length'; min: number; max: number }>
  | Readonly<{ reason: 'common' | 'personal' | 'service' | 'repetition' }>;

/**
 * NIST SP 800-63B-4: length counts, composition rules do not; known passwords and words of the context are refused, each as the whole
 * password, once or several times over. What is hashed is the NFKC form, so that is what is looked at: the same password in full-width
 * letters is no other.
 */
export function passwordFault(password: string, rules: PasswordRules): PasswordFault | undefined {
  const hashed = password.normalize('NFKC');
  const length = [...hashed].length;
  const { min, max } = { min: shortestPassword(rules), max: limits.password.max };
  if (length < min || length > max) return { reason: 'length', min, max };
  const lower = hashed.toLowerCase();
  if (rules.common.has(lower)) return { reason: 'common' };
  const { username, email = '', displayName = '' } = rules.owner;
  const key = fold(hashed).text;
  if (isMadeOf(key, [username, displayName, ...wordsOfAddress(email)])) return { reason: 'personal' };
  if (isMadeOf(key, rules.serviceWords)) return { reason: 'service' };
  return new Set(lower).size < 3 ? { reason: 'repetition' } : undefined;
}

/** Throws `PASSWORD_TOO_WEAK` with the rule that the password breaks. */
export function checkPassword(password: string, rules: PasswordRules): void {
  const fault = passwordFault(password, rules);
  if (fault !== undefined) throw authErrors.PASSWORD_TOO_WEAK(fault);
}

/** The mailbox, its name and its host, each by itself. */
export const wordsOfAddress = (email: string): readonly string[] => [email, ...email.split('@')];

/** Whether a folded password is one of these words, or a part or the joined parts of one, over and over. */
const isMadeOf = (key: string, words: readonly string[]): boolean => words.flatMap(forms).some((form) => isRepeated(key, form));

/** Fewer letters are no word: an initial, a country of a host. */
const SHORTEST_WORD = 3;

function forms(word: string): string[] {
  const whole = fold(word).text;
  const parts = whole.split(/[^\p{L}\p{N}]+/u);
  return [whole, parts.join(''), ...parts].filter((form) => [...form].length >= SHORTEST_WORD);
}

const isRepeated = (text: string, unit: string): boolean =>
  text.length % unit.length === 0 && text === unit.repeat(text.length / unit.length);
