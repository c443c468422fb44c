import { rulesOfAccount } from '@coucou/application/kernel/rules-of-account';
import type { AccountRules } from '@coucou/application/ports/account-rules';
import type { SystemRepository } from '@coucou/application/ports/system-repository';
import type { TrafficRules } from '@coucou/application/ports/traffic-rules';
import type { AccountId } from '@coucou/domain/kernel/ids';

export type PolledAccountRules = AccountRules &
  Readonly<{
    /** Asks the database what was changed. Throws what the database throws. */
    poll: () => Promise<void>;
  }>;

export type AccountRulesOptions = Readonly<{
  server: TrafficRules;
  /** The limits of accounts that changed within the last seconds, or of all. */
  changes: SystemRepository['listAccountLimits'];
}>;

/** How much later than its own time a change may commit: longer than any transaction may last. */
const OVERLAP_SECONDS = 60;

const seconds = (): number => performance.now() / 1_000;

/** The rules of accounts in memory: those that differ from the server's, read once in full and then as they change. */
export function createAccountRules({ server, changes }: AccountRulesOptions): PolledAccountRules {
  const own = new Map<AccountId, TrafficRules>();
  let polledAt: number | undefined;

  return {
    of: (account) => own.get(account) ?? server,

    async poll() {
      const startedAt = seconds();
      const changed = await changes(polledAt === undefined ? undefined : startedAt - polledAt + OVERLAP_SECONDS);
      polledAt = startedAt;
      for (const { account, limits } of changed) {
        if (Object.keys(limits).length === 0) own.delete(account);
        else own.set(account, rulesOfAccount(server, limits));
      }
    },
  };
}
