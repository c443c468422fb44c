import type { PresenceChange, PresenceDecision, PresenceOptions } from '@coucou/application/ports/presence';
import { presenceKey } from '@coucou/application/presence/connected-devices';

export type PresenceTells = Readonly<{
  put: (by: PresenceDecision, change: PresenceChange) => void;
  settled: () => Promise<void>;
}>;

const DECISIONS = ['decided', 'repeated', 'missed'] as const;

/** Announces changes in batches, one after the other. Of a person whose changes wait, the last is announced. */
export function createPresenceTells(onChanges: PresenceOptions['onChanges']): PresenceTells {
  const waiting: Readonly<Record<PresenceDecision, Map<string, PresenceChange>>> = {
    decided: new Map(),
    repeated: new Map(),
    missed: new Map(),
  };
  let telling: Promise<void> | undefined;

  async function tell(): Promise<void> {
    await new Promise(setImmediate);
    for (let isDone = false; !isDone; ) {
      isDone = true;
      for (const by of DECISIONS) {
        const changes = [...waiting[by].values()];
        waiting[by].clear();
        for (const each of Map.groupBy(changes, ({ account }) => account).values()) {
          isDone = false;
          await onChanges(each, by);
        }
      }
    }
    telling = undefined;
  }

  return {
    put(by, change) {
      waiting[by].set(presenceKey(change.account, change.userId), change);
      telling ??= tell();
    },
    async settled() {
      for (let underway = telling; underway !== undefined; underway = telling) await underway;
    },
  };
}
