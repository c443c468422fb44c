import type { Ports } from '@coucou/application/kernel/token';
import { administerPorts } from '@coucou/application/moderation/administer';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
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
