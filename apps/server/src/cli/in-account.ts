import { AccountDirectory } from '@coucou/application/ports/accounts';
import { administerPorts } from '@coucou/application/moderation/administer';
import type { Ports } from '@coucou/application/kernel/token';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { prepareDataDir } from '../start/data-dir.ts';
import { loadProcessConfig } from '../config.ts';
import { unwind, type Undo } from '../start/undo.ts';
import { CommandError, print } from './command.ts';
import { openDatabase } from './open-database.ts';

/** What an operator does in one account, named by its client key. What the domain refuses is said without a stack. */
export async function inAccount<T>(
  clientKey: string,
  work: (ports: Ports<typeof administerPorts>, account: AccountId) => Promise<T>,
): Promise<T> {
  const undo: Undo = [];
  try {
    const config = loadProcessConfig();
    if (config.database.kind === 'embedded') await prepareDataDir(config.dataDir);
    const container = await openDatabase(config, undo);
    const account = await container.resolve(AccountDirectory).byClientKey(clientKey);
    if (account === undefined) throw new CommandError(`there is no account with the client key ${JSON.stringify(clientKey)}`);
    return await work(container.portsOf(administerPorts), account);
  } catch (error) {
    if (!(error instanceof ChatError) || error.kind === 'internal') throw error;
    const [fault] = Array.isArray(error.details) ? (error.details as { message?: string }[]) : [];
    throw new CommandError(fault?.message ?? error.message, { cause: error });
  } finally {
    await unwind(undo, (error) => print(`a resource could not be closed: ${String(error)}`));
  }
}
