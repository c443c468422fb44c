import { errors } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { type WordAction, WordList, type WordRule } from '@coucou/domain/moderation/word-list';
import { type User, userErrors } from '@coucou/domain/users/user';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Suspensions, WordRules } from './repositories.ts';

/** Administrative actions, called from the command line. */
export const administerPorts = { uow: unitOfWork({ suspensions: Suspensions, wordRules: WordRules }), clock: Clock };
type Given = Ports<typeof administerPorts>;

/** Suspends a user, who can no longer sign in, refresh or post, or lifts the suspension. Idempotent. */
export async function suspendUser(
  { uow, clock }: Given,
  account: AccountId,
  username: string,
  { lift }: Readonly<{ lift: boolean }>,
): Promise<User> {
  return uow.write(account, async (tx) => {
    const user = await tx.suspensions.findByUsername(username);
    if (user === undefined) throw userErrors.USER_NOT_FOUND();
    if (lift) await tx.suspensions.set(user.id, undefined);
    else if ((await tx.suspensions.since(user.id)) === undefined) await tx.suspensions.set(user.id, clock.now());
    return user;
  });
}

function normal(word: string): string {
  const normalized = WordList.normalize(word);
  const length = [...normalized].length;
  if (length === 0 || length > limits.listedWord)
    throw errors.VALIDATION_FAILED([
      { path: ['word'], rule: 'length', message: `A word has 1 to ${limits.listedWord} letters or digits.` },
    ]);
  return normalized;
}

export async function putWord({ uow }: Given, account: AccountId, word: string, action: WordAction): Promise<WordRule> {
  const rule = { word: normal(word), action };
  await uow.write(account, (tx) => tx.wordRules.put(rule));
  return rule;
}

/** False when it was not listed. */
export const removeWord = ({ uow }: Given, account: AccountId, word: string): Promise<boolean> =>
  uow.write(account, (tx) => tx.wordRules.remove(normal(word)));

export const listWords = ({ uow }: Given, account: AccountId): Promise<WordRule[]> => uow.read(account, (tx) => tx.wordRules.list());
