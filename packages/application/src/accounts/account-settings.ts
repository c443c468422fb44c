import { type AccountSettings, DEFAULT_ACCOUNT_SETTINGS, settingsOfOwners } from '@coucou/domain/accounts/account-settings';
import { accountActions } from '@coucou/domain/accounts/audit-actions';
import { authErrors } from '@coucou/domain/auth/session';
import { isSame } from '@coucou/domain/kernel/same';
import { errors } from '@coucou/domain/kernel/errors';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { demandRepositories, demandSecondFactor } from '../auth/demand-second-factor.ts';
import { requireRecentSignIn } from '../auth/reauthenticate.ts';
import { Sessions } from '../auth/repositories.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { rankOf } from './authority-rank.ts';
import { Users } from '../users/repositories.ts';
import { OwnAccounts } from './repositories.ts';

export const getAccountSettings = adminUseCase({
  name: 'admin.getSettings',
  deps: { uow: unitOfWork({ accounts: OwnAccounts }) },
  run: ({ uow }, _input: Readonly<Record<never, never>>, { account }) =>
    uow.read(account, async (tx) => (await tx.accounts.own()).settings),
});

/** What is absent gets its default. Throws `FORBIDDEN` where anybody but an owner changes what is for owners alone, and `EMAIL_NOT_VERIFIED`. */
export type PutAccountSettings = { readonly [Name in keyof AccountSettings]?: AccountSettings[Name] | undefined };

export const putAccountSettings = adminUseCase({
  name: 'admin.putSettings',
  deps: {
    uow: unitOfWork({ ...demandRepositories, accounts: OwnAccounts, users: Users, sessions: Sessions, auditLog: AuditLog }),
    ...auditPorts,
  },
  async run({ uow, ...ports }, given: PutAccountSettings, call): Promise<AccountSettings> {
    const settings = { ...DEFAULT_ACCOUNT_SETTINGS, ...given } as AccountSettings;
    return uow.write(call.account, async (tx) => {
      const before = (await tx.accounts.own()).settings;
      const changed = (Object.keys(settings) as (keyof AccountSettings)[]).filter((name) => !isSame(settings[name], before[name]));
      const beyond = changed.filter((name) => settingsOfOwners.includes(name));
      if (beyond.length > 0 && rankOf(call.authority) !== 'owner')
        throw errors.FORBIDDEN({ reason: 'for owners of the account', settings: beyond });
      if (beyond.length > 0) await requireRecentSignIn(ports, tx, call);
      // Or they could not change it back.
      if (
        changed.includes('emailVerificationRequired') &&
        call.actor !== undefined &&
        !(await tx.users.lookup(call.actor.userId))?.emailVerified
      )
        throw authErrors.EMAIL_NOT_VERIFIED();
      await tx.accounts.updateSettings(settings);
      if (settings.adminsNeedSecondFactor && !before.adminsNeedSecondFactor) await demandSecondFactor(ports, tx, call);
      await recordAudit(ports, tx, call, accountActions.settings_changed, { details: { changed } });
      return settings;
    });
  },
});
