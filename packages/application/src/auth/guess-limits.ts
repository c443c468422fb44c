import { ChatError, isOverload } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import { networkOf } from '../kernel/network-of.ts';
import { token } from '../kernel/token.ts';
import type { RateLimit, RateLimiter } from '../ports/rate-limiter.ts';
import type { SignInLimits, Window } from './sign-in-limits.ts';

/** What is tried. Each kind is counted apart, so that exhausting one leaves the others to the owner. */
export type GuessKind = 'password' | 'code' | 'recovery' | 'token';

export type Guess = Readonly<{
  kind: GuessKind;
  account: AccountId;
  /** Address of the caller. */
  ip: string;
  /** Whose secret: the person's id where the person is known, or what was typed (`guessedIdentifier`). */
  of: string;
  /** A device on which this person has signed in before (`knownDevice`): it alone is counted, and strangers do not use up its tries. */
  device?: string | undefined;
}>;

export interface GuessLimits {
  /**
   * Runs an attempt that counts when it fails with one of these codes: nobody is limited by being right. Of several at once no more run
   * than may still fail, and the others wait. Throws `RATE_LIMITED`.
   */
  attempt<T>(guess: Guess, wrong: readonly string[], work: () => Promise<T>): Promise<T>;
  /** Counts what has no wrong answer, such as asking for a mail. Throws `RATE_LIMITED`. */
  spend(guess: Guess): Promise<void>;
  /** Counts a sign-up from an address, unless the work finds no room on this server. Throws `RATE_LIMITED`. */
  spendSignup<T>(call: Readonly<{ account: AccountId; client: Readonly<{ ip: string }> }>, work: () => Promise<T>): Promise<T>;
}
export const GuessLimits = token<GuessLimits>('GuessLimits');

/** One key for all spellings of an identifier. */
export const guessedIdentifier = (identifier: string): string => {
  const address = User.emailKey(identifier.trim());
  return address.includes('@') ? address : User.usernameKey(identifier.trim());
};

/** Attempts that wait behind those that run, by key; more are refused at once. */
const MOST_WAITING = 100;

/** The attempts under one key that have not ended, and those that wait for one of them to be right. */
type Line = { running: number; ended: number; waiting: (() => void)[] };

type Count = readonly [rule: RateLimit, key: string];

const countsOf = (name: string, windows: readonly Window[], key: string): Count[] =>
  windows.map((window, index) => [{ name: `${name}-${index}`, ...window }, key]);

/** One for all use-cases of a node: what runs at the same time is known to all. */
export function createGuessLimits(limiter: RateLimiter, limits: SignInLimits): GuessLimits {
  const lines = new Map<string, Line>();

  const countsOfGuess = ({ kind, account, ip, of, device }: Guess): Count[] =>
    device === undefined
      ? [
          ...countsOf(`guess-${kind}-of`, limits.guesses, `${account}:${of}`),
          ...countsOf(`guess-${kind}-address`, limits.guesses, `${account}:${networkOf(ip)}`),
        ]
      : countsOf(`guess-${kind}-device`, limits.guesses, `${account}:${device}`);

  /** Taken before the attempt, so that concurrent ones are counted too. Waits while others hold what may be given back. */
  async function take([rule, key]: Count): Promise<Line> {
    const id = `${rule.name} ${key}`;
    for (;;) {
      const before = lines.get(id);
      const ended = before?.ended;
      try {
        await limiter.take(rule, key);
        break;
      } catch (error) {
        if (before?.ended !== ended) continue;
        const line = lines.get(id);
        if (line === undefined || line.waiting.length >= MOST_WAITING) throw error;
        await new Promise<void>((resolve) => line.waiting.push(resolve));
      }
    }
    const line = lines.get(id) ?? { running: 0, ended: 0, waiting: [] };
    lines.set(id, line);
    line.running += 1;
    return line;
  }

  async function end([rule, key]: Count, line: Line, counts: boolean): Promise<void> {
    try {
      if (!counts) await limiter.giveBack(rule, key);
    } finally {
      line.running -= 1;
      line.ended += 1;
      if (line.running === 0) lines.delete(`${rule.name} ${key}`);
      // The last one lets all find out for themselves.
      for (const wake of line.waiting.splice(0, line.running === 0 ? line.waiting.length : Number(!counts))) wake();
    }
  }

  async function spend(counts: readonly Count[]): Promise<void> {
    const taken: Count[] = [];
    try {
      for (const [rule, key] of counts) {
        await limiter.take(rule, key);
        taken.push([rule, key]);
      }
    } catch (error) {
      await giveBack(taken);
      throw error;
    }
  }

  async function giveBack(counts: readonly Count[]): Promise<void> {
    for (const [rule, key] of counts) await limiter.giveBack(rule, key);
  }

  return {
    async attempt(guess, wrong, work) {
      const held: (readonly [Count, Line])[] = [];
      let counts = false;
      try {
        for (const count of countsOfGuess(guess)) held.push([count, await take(count)]);
        return await work();
      } catch (error) {
        counts = error instanceof ChatError && wrong.includes(error.code);
        throw error;
      } finally {
        for (const [count, line] of held) await end(count, line, counts);
      }
    },
    spend: (guess) => spend(countsOfGuess(guess)),
    async spendSignup({ account, client }, work) {
      const counts = countsOf('signup-address', limits.signups, `${account}:${networkOf(client.ip)}`);
      await spend(counts);
      try {
        return await work();
      } catch (error) {
        if (isOverload(error)) await giveBack(counts);
        throw error;
      }
    },
  };
}
