import type { Execute, ReadyOperation } from '@coucou/application/kernel/execute';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { Ids } from '@coucou/application/ports/ids';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Users } from '@coucou/application/users/repositories';
import { signup } from '@coucou/contracts/auth/signup';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { asId } from '@coucou/domain/kernel/ids';
import type { Container } from '../composition/container.ts';
import { fillConversations, type People, type Person } from './conversations.ts';
import { people, signupOf } from './people.ts';

export type MakeDemoOptions = Readonly<{ container: Container; operations: readonly ReadyOperation<Operation>[]; execute: Execute }>;

const ports = { uow: unitOfWork({ users: Users }), ids: Ids, accounts: AccountDirectory };

/** Signs the demo people up with their conversations, by the operations of the product, unless anybody exists already. */
export async function makeDemo({ container, operations, execute }: MakeDemoOptions): Promise<'made' | 'not empty'> {
  const { uow, ids, accounts } = container.portsOf(ports);
  const account = await accounts.byClientKey(DEFAULT_CLIENT_KEY);
  if (account === undefined || (await uow.read(account, ({ users }) => users.hasAny()))) return 'not empty';

  const call = async ({ name }: Operation, input: unknown, person?: Person) => {
    const ready = operations.find(({ operation }) => operation.name === name);
    if (ready === undefined) throw new Error(`there is no operation ${name}`);
    const actor = person && { userId: asId<'user'>(person.user.id), sessionId: asId<'session'>(person.session.id) };
    const client = { ip: '127.0.0.1', userAgent: 'demo' };
    return (await execute(ready, input, { requestId: ids.next(), account, client, ...(actor && { actor }) })).body;
  };
  const entered = await Promise.all(people.map(async (name) => [name, (await call(signup, signupOf(name))) as Person] as const));
  await fillConversations(Object.fromEntries(entered) as People, (person, operation, input) => call(operation, input, person));
  return 'made';
}
