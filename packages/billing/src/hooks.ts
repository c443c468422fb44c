import { after, hook } from '@coucou/application/kernel/hook';
import { createAccount } from '@coucou/contracts/accounts/accounts';
import { renew, upkeepPorts } from './application/upkeep.ts';

/** A new account has the default plan at once, where nothing crashes; else with the next upkeep. */
export const limitNewAccounts = hook({
  name: 'billing.limitNewAccounts',
  at: after(createAccount),
  deps: upkeepPorts,
  async run(ports, { input: { clientKey } }) {
    if (ports.settings.plans.length === 0) return;
    const [made] = await ports.uow.system('accounts', (tx) => tx.lookupAccounts([clientKey]));
    if (made !== undefined) await renew(ports, made.id);
  },
});
