import type { CurrentMembers, Following } from '@coucou/application/ports/current-members';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';

/** The conversations of one who connects, the most recently active first. */
export type LoadFollowings = (account: AccountId, user: UserId) => Promise<readonly Following[]>;

type Batch = Readonly<{ users: Set<UserId>; answer: Promise<ReadonlyMap<UserId, readonly Following[]>> }>;

/** One answer is not to keep the event loop for long. */
const MOST_TOGETHER = 32;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Loads the conversations of all who connect at the same time in one query: those of one turn of the event loop, and while the last query of
 * their account is under way those who come meanwhile. A query begins after each of its users has asked, so that it misses nothing they must see.
 */
export function gatherFollowings(currentMembers: Pick<CurrentMembers, 'ofUsers'>, limit: number): LoadFollowings {
  /** The batch of an account that still takes users. */
  const open = new Map<AccountId, Batch>();
  /** The last batch of an account, until it is answered. */
  const last = new Map<AccountId, Batch['answer']>();

  async function answered(account: AccountId, users: ReadonlySet<UserId>): Promise<ReadonlyMap<UserId, readonly Following[]>> {
    // Its failure is for those who asked it.
    await Promise.all([nextTurn(), last.get(account)?.catch(() => {})]);
    if (open.get(account)?.users === users) open.delete(account);
    return currentMembers.ofUsers(account, [...users], limit);
  }

  function begin(account: AccountId): Batch {
    const users = new Set<UserId>();
    const answer = answered(account, users);
    const batch = { users, answer };
    open.set(account, batch);
    last.set(account, answer);
    const forget = () => void (last.get(account) === answer && last.delete(account));
    answer.then(forget, forget);
    return batch;
  }

  return async (account, user) => {
    const gathering = open.get(account);
    const batch = gathering === undefined || gathering.users.size >= MOST_TOGETHER ? begin(account) : gathering;
    batch.users.add(user);
    return (await batch.answer).get(user) ?? [];
  };
}
