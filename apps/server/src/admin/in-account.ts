import { operatorCall } from '@coucou/application/accounts/operator-call';
import { type Act, auditEntry, auditPorts } from '@coucou/application/audit/record-audit';
import { Suspensions } from '@coucou/application/moderation/repositories';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { Transactions, withRepositories } from '@coucou/application/ports/unit-of-work';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import type { AuditAction, AuditFields } from '@coucou/domain/audit/audit-action';
import type { AuditEntry } from '@coucou/domain/audit/audit-entry';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { userErrors } from '@coucou/domain/users/user';
import { CommandError } from '../cli/command.ts';
import type { AdminContext } from './admin-command.ts';

/** What an operator does in one account, named by its client key. What the domain refuses is said without a stack. */
export async function inAccount<T>({ ports }: AdminContext, clientKey: string, work: (account: AccountId) => Promise<T>): Promise<T> {
  const account = await ports.resolve(AccountDirectory).byClientKey(clientKey);
  if (account === undefined) throw new CommandError(`there is no account with the client key ${JSON.stringify(clientKey)}`);
  try {
    return await work(account);
  } catch (error) {
    if (!(error instanceof ChatError) || error.kind === 'internal') throw error;
    const [fault] = Array.isArray(error.details) ? (error.details as { message?: string }[]) : [];
    throw new CommandError(fault?.message ?? error.message, { cause: error });
  }
}

/** What an operator does to the whole deployment: the audit log of the default account tells it. */
export const inDeployment = <T>(
  context: AdminContext,
  work: (entry: <F extends AuditFields>(action: AuditAction<F>, act: Act<F>) => AuditEntry) => Promise<T>,
): Promise<T> =>
  inAccount(context, DEFAULT_CLIENT_KEY, (account) => {
    const ports = context.ports.portsOf(auditPorts);
    return work((action, act) => auditEntry(ports, operatorCall(account), action, act));
  });

/** What an operator does to one person, named by their username. */
export const personOf = <T>(
  context: AdminContext,
  clientKey: string,
  username: string,
  work: (person: Readonly<{ account: AccountId; id: UserId; username: string }>) => Promise<T>,
): Promise<T> =>
  inAccount(context, clientKey, async (account) => {
    const uow = withRepositories(context.ports.resolve(Transactions), { suspensions: Suspensions });
    const found = await uow.read(account, (tx) => tx.suspensions.findByUsername(username));
    if (found === undefined) throw userErrors.USER_NOT_FOUND();
    return work({ account, id: found.id, username: found.username });
  });
