import { type Account, accountErrors } from '@coucou/domain/accounts/account';
import { accessChanged } from '../auth/access-events.ts';
import { SecurityEvents } from '../auth/repositories.ts';
import { actedBy, recordSecurityEvent, securityEventPorts } from '../auth/security-events.ts';
import type { AdminCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';

const deps = { uow: unitOfWork({ securityEvents: SecurityEvents }), ...securityEventPorts };
type Given = Ports<typeof deps>;

export type CreateAccount = Readonly<{ name: string; clientKey: string }>;

/** Another tenant. Throws `ACCOUNT_CLIENT_KEY_TAKEN`. */
export const createAccount = adminUseCase({
  name: 'accounts.create',
  deps,
  async run({ uow, ...ports }, { name, clientKey }: CreateAccount, call): Promise<Account> {
    const account: Account = { id: ports.ids.next(), name, clientKey, createdAt: ports.clock.now() };
    const [stored] = await uow.system('accounts', async (tx) => {
      await tx.addAccount(account);
      return tx.lookupAccounts([clientKey]);
    });
    if (stored?.id !== account.id) throw accountErrors.CLIENT_KEY_TAKEN();
    const of = { ...call, account: account.id };
    await uow.write(account.id, (tx) =>
      recordSecurityEvent(ports, tx, of, 'account_created', { details: { name, clientKey, ...actedBy(call) } }),
    );
    return account;
  },
});

async function setSuspended(
  { uow, ...ports }: Given,
  { clientKey }: Readonly<{ clientKey: string }>,
  call: AdminCall,
  suspended: boolean,
): Promise<void> {
  const { account, isChanged } = await uow.system('accounts', async (tx) => {
    const [found] = await tx.lookupAccounts([clientKey]);
    if (found === undefined) throw accountErrors.NOT_FOUND();
    return { account: found.id, isChanged: await tx.suspendAccount(found.id, suspended) };
  });
  // For this node and the bus. A crash in between loses it, and the poll of every node finds the suspension all the same.
  await uow.write(account, async (tx) => {
    tx.emit(accessChanged({ change: { is: suspended ? 'suspended' : 'restored' } }));
    const kind = suspended ? 'account_suspended' : 'account_restored';
    if (isChanged) await recordSecurityEvent(ports, tx, { ...call, account }, kind, { details: actedBy(call) });
  });
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
