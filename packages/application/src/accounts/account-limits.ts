import { accountErrors } from '@coucou/domain/accounts/account';
import type { AccountLimits } from '@coucou/domain/accounts/account-limits';
import { accountActions } from '@coucou/domain/accounts/audit-actions';
import { isSame } from '@coucou/domain/kernel/same';
import { auditEntry, auditPorts } from '../audit/record-audit.ts';
import { limitsOfRules, rulesOfAccount } from '../kernel/rules-of-account.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { TrafficRules } from '../ports/traffic-rules.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { OwnAccounts } from './repositories.ts';

/** `own`: what the operator granted the account; `inForce`: with the server's limits where it granted nothing. */
export type LimitsOfAccount = Readonly<{ own: AccountLimits; inForce: AccountLimits }>;

const view = (rules: TrafficRules, own: AccountLimits): LimitsOfAccount => ({ own, inForce: limitsOfRules(rulesOfAccount(rules, own)) });

/** For who administers the account: only the operator changes them. */
export const getOwnLimits = adminUseCase({
  name: 'admin.getLimits',
  deps: { uow: unitOfWork({ accounts: OwnAccounts }), rules: TrafficRules },
  run: ({ uow, rules }, _input: Readonly<Record<never, never>>, { account }) =>
    uow.read(account, async (tx) => view(rules, (await tx.accounts.own()).limits)),
});

type Named = Readonly<{ clientKey: string }>;

export const getAccountLimits = adminUseCase({
  name: 'accounts.getLimits',
  deps: { uow: unitOfWork({ accounts: OwnAccounts }), rules: TrafficRules },
  async run({ uow, rules }, { clientKey }: Named) {
    const [found] = await uow.system('accounts', (tx) => tx.lookupAccounts([clientKey]));
    if (found === undefined) throw accountErrors.NOT_FOUND();
    return uow.read(found.id, async (tx) => view(rules, (await tx.accounts.own()).limits));
  },
});

/** What is absent is as the server has it. Every node knows within two seconds. Throws `ACCOUNT_NOT_FOUND`. */
export const putAccountLimits = adminUseCase({
  name: 'accounts.putLimits',
  deps: { uow: unitOfWork({}), rules: TrafficRules, ...auditPorts },
  async run({ uow, rules, ...ports }, { clientKey, ...own }: AccountLimits & Named, call) {
    await uow.system('accounts', async (tx) => {
      const [found] = await tx.lookupAccounts([clientKey]);
      if (found === undefined) throw accountErrors.NOT_FOUND();
      const before = await tx.putAccountLimits(found.id, own);
      if (isSame(before, own)) return;
      await tx.auditLog.add(auditEntry(ports, { ...call, account: found.id }, accountActions.limits_changed, { details: { limits: own } }));
    });
    return view(rules, own);
  },
});
