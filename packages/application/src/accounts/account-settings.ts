import { type AccountSettings, DEFAULT_ACCOUNT_SETTINGS } from '@coucou/domain/accounts/account-settings';
import { SecurityEvents } from '../auth/repositories.ts';
import { actedBy, recordSecurityEvent, securityEventPorts } from '../auth/security-events.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { OwnAccounts } from './repositories.ts';

export const getAccountSettings = adminUseCase({
  name: 'admin.getSettings',
  deps: { uow: unitOfWork({ accounts: OwnAccounts }) },
  run: ({ uow }, _input: Readonly<Record<never, never>>, { account }) =>
    uow.read(account, async (tx) => (await tx.accounts.own()).settings),
});

/** What is absent gets its default. */
export type PutAccountSettings = { readonly [Name in keyof AccountSettings]?: AccountSettings[Name] | undefined };

export const putAccountSettings = adminUseCase({
  name: 'admin.putSettings',
  deps: { uow: unitOfWork({ accounts: OwnAccounts, securityEvents: SecurityEvents }), ...securityEventPorts },
  async run({ uow, ...ports }, given: PutAccountSettings, call): Promise<AccountSettings> {
    const settings = { ...DEFAULT_ACCOUNT_SETTINGS, ...given } as AccountSettings;
    return uow.write(call.account, async (tx) => {
      const before: Readonly<Record<string, unknown>> = (await tx.accounts.own()).settings;
      await tx.accounts.updateSettings(settings);
      const changed = Object.entries(settings).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]));
      await recordSecurityEvent(ports, tx, call, 'settings_changed', {
        details: { changed: changed.map(([name]) => name), ...actedBy(call) },
      });
      return settings;
    });
  },
});
