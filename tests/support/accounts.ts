import { randomUUID } from 'node:crypto';
import { OwnAccounts } from '@coucou/application/accounts/repositories';
import { Transactions, withRepositories } from '@coucou/application/ports/unit-of-work';
import type { AccountSettings } from '@coucou/domain/accounts/account-settings';
import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import type { Container } from '@coucou/server/composition/container';

/** An account of its own, named by its key; made past the operations of those who administer. */
export async function makeAccount(
  container: Container,
  settings: Partial<AccountSettings> = {},
): Promise<Readonly<{ id: AccountId; clientKey: string }>> {
  const id = asId<'account'>(randomUUID());
  const uow = withRepositories(container.resolve(Transactions), { accounts: OwnAccounts });
  await uow.system('accounts', (tx) => tx.addAccount({ id, name: 'Another', clientKey: id, createdAt: new Date() }));
  await changeSettings(container, id, settings);
  return { id, clientKey: id };
}

export async function changeSettings(container: Container, account: AccountId, change: Partial<AccountSettings>): Promise<void> {
  const uow = withRepositories(container.resolve(Transactions), { accounts: OwnAccounts });
  await uow.write(account, async ({ accounts }) => accounts.updateSettings({ ...(await accounts.own()).settings, ...change }));
}
