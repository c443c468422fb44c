import { type Account, accountErrors } from '@coucou/domain/accounts/account';
import { accountActions } from '@coucou/domain/accounts/audit-actions';
import { auditEntry, auditPorts } from '../audit/record-audit.ts';
import { accessChanged } from '../auth/access-events.ts';
import type { AdminCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';

const deps = { uow: unitOfWork({}), ...auditPorts };
type Given = Ports<typeof deps>;

export type CreateAccount = Readonly<{ name: string; clientKey: string }>;

/** Another tenant. Throws `ACCOUNT_CLIENT_KEY_TAKEN`. */
export const createAccount = adminUseCase({
  name: 'accounts.create',
  deps,
  async run({ uow, ...ports }, { name, clientKey }: CreateAccount, call): Promise<Account> {
    const account: Account = { id: ports.ids.next(), name, clientKey, createdAt: ports.clock.now() };
    await uow.system('accounts', async (tx) => {
      await tx.addAccount(account);
      const [stored] = await tx.lookupAccounts([clientKey]);
      if (stored?.id !== account.id) throw accountErrors.CLIENT_KEY_TAKEN();
      const details = { name, clientKey };
      await tx.auditLog.add(auditEntry(ports, { ...call, account: account.id }, accountActions.account_created, { details }));
    });
    return account;
  },
});

async function setSuspended(
  { uow, ...ports }: Given,
  { clientKey }: Readonly<{ clientKey: string }>,
  call: AdminCall,
  suspended: boolean,
): Promise<void> {
  const account = await uow.system('accounts', async (tx) => {
    const [found] = await tx.lookupAccounts([clientKey]);
    if (found === undefined) throw accountErrors.NOT_FOUND();
    const action = suspended ? accountActions.account_suspended : accountActions.account_restored;
    if (await tx.suspendAccount(found.id, suspended)) await tx.auditLog.add(auditEntry(ports, { ...call, account: found.id }, action, {}));
    return found.id;
  });
  // For this node and the bus. A crash in between loses it, and the poll of every node finds the suspension all the same.
  await uow.write(account, async (tx) => tx.emit(accessChanged({ change: { is: suspended ? 'suspended' : 'restored' } })));
}

/** Keeps everybody of an account out, and its API keys. */
export const suspendAccount = adminUseCase({
  name: 'accounts.suspend',
  deps,
  run: (ports, input: Readonly<{ clientKey: string }>, call) => setSuspended(ports, input, call, true),
});

export const restoreAccount = adminUseCase({
  name: 'accounts.restore',
  deps,
  run: (ports, input: Readonly<{ clientKey: string }>, call) => setSuspended(ports, input, call, false),
});
