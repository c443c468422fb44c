import type { Ports } from '@coucou/application/kernel/token';
import { administerPorts } from '@coucou/application/moderation/administer';
import { Suspensions } from '@coucou/application/moderation/repositories';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { Transactions, withRepositories } from '@coucou/application/ports/unit-of-work';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { userErrors } from '@coucou/domain/users/user';
import { CommandError } from '../cli/command.ts';
import type { AdminContext } from './admin-command.ts';

/** What an operator does in one account, named by its client key. What the domain refuses is said without a stack. */
export async function inAccount<T>(
  { ports }: AdminContext,
  clientKey: string,
  work: (ports: Ports<typeof administerPorts>, account: AccountId) => Promise<T>,
): Promise<T> {
  const account = await ports.resolve(AccountDirectory).byClientKey(clientKey);
  if (account === undefined) throw new CommandError(`there is no account with the client key ${JSON.stringify(clientKey)}`);
  try {
    return await work(ports.portsOf(administerPorts), account);
  } catch (error) {
    if (!(error instanceof ChatError) || error.kind === 'internal') throw error;
    const [fault] = Array.isArray(error.details) ? (error.details as { message?: string }[]) : [];
    throw new CommandError(fault?.message ?? error.message, { cause: error });
  }
}

/** The same about one person, named by their username. */
export const personOf = <T>(
  context: AdminContext,
  clientKey: string,
  username: string,
  work: (person: Readonly<{ account: AccountId; id: UserId; username: string }>) => Promise<T>,
): Promise<T> =>
  inAccount(context, clientKey, async (_, account) => {
    const uow = withRepositories(context.ports.resolve(Transactions), { suspensions: Suspensions });
    const found = await uow.read(account, (tx) => tx.suspensions.findByUsername(username));
    if (found === undefined) throw userErrors.USER_NOT_FOUND();
    return work({ account, id: found.id, username: found.username });
  });
