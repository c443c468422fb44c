import type { AccountId } from '@coucou/domain/kernel/ids';
import type { PlanSnapshots, Snapshot } from '../application/billing-ports.ts';

/** What is known is made anew when it is this old. */
const FRESH_MS = 60_000;
const MOST_KNOWN = 10_000;

type Known = Readonly<{ snapshot: Snapshot; at: number }>;

/** Per process. A snapshot that is forgotten while another is made may not come back: that one began before. */
export function createPlanSnapshots(): PlanSnapshots {
  const known = new Map<AccountId, Known>();
  const loading = new Map<AccountId, Promise<Snapshot>>();

  function reload(account: AccountId, at: number, load: () => Promise<Snapshot>): Promise<Snapshot> {
    const running = loading.get(account);
    if (running !== undefined) return running;
    const started = load();
    loading.set(account, started);
    const end = (snapshot?: Snapshot): void => {
      if (loading.get(account) !== started) return;
      loading.delete(account);
      if (snapshot === undefined) return;
      if (known.size >= MOST_KNOWN && !known.has(account)) known.clear();
      known.set(account, { snapshot, at });
    };
    started.then(end, () => end());
    return started;
  }

  return {
    of(account, now, load) {
      const at = now.getTime();
      const found = known.get(account);
      if (found === undefined) return reload(account, at, load);
      // The old one answers meanwhile, and for longer where the database is away.
      if (at - found.at >= FRESH_MS) reload(account, at, load).catch(() => {});
      return found.snapshot;
    },
    forget(account) {
      known.delete(account);
      loading.delete(account);
    },
  };
}
