import { type Account, accountErrors } from '@coucou/domain/accounts/account';
import { accessChanged } from '../auth/access-events.ts';
import type { Ports } from '../kernel/token.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';

const deps = { uow: unitOfWork({}), clock: Clock, ids: Ids };
type Given = Ports<typeof deps>;

export type CreateAccount = Readonly<{ name: string; clientKey: string }>;

/** Another tenant. Throws `ACCOUNT_CLIENT_KEY_TAKEN`. */
export const createAccount = adminUseCase({
  name: 'accounts.create',
  deps,
  async run({ uow, clock, ids }, { name, clientKey }: CreateAccount): Promise<Account> {
    const account: Account = { id: ids.next(), name, clientKey, createdAt: clock.now() };
    const [stored] = await uow.system('accounts', async (tx) => {
      await tx.addAccount(account);
      return tx.lookupAccounts([clientKey]);
    });
    if (stored?.id !== account.id) throw accountErrors.CLIENT_KEY_TAKEN();
    return account;
  },
});

async function setSuspended(
  { uow }: Pick<Given, 'uow'>,
  { clientKey }: Readonly<{ clientKey: string }>,
  suspended: boolean,
): Promise<void> {
  const account = await uow.system('accounts', async (tx) => {
    const [found] = await tx.lookupAccounts([clientKey]);
    if (found === undefined) throw accountErrors.NOT_FOUND();
    await tx.suspendAccount(found.id, suspended);
    return found.id;
  });
  // For this node and the bus. A crash in between loses it, and the poll of every node finds the suspension all the same.
  await uow.write(account, async (tx) => tx.emit(accessChanged({ change: { is: suspended ? 'suspended' : 'restored' } })));
}

/** Keeps everybody of an account out, and its API keys. */
export const suspendAccount = adminUseCase({
  name: 'accounts.suspend',
  deps,
  run: (ports, input: Readonly<{ clientKey: string }>) => setSuspended(ports, input, true),
});

export const restoreAccount = adminUseCase({
  name: 'accounts.restore',
  deps,
  run: (ports, input: Readonly<{ clientKey: string }>) => setSuspended(ports, input, false),
});
