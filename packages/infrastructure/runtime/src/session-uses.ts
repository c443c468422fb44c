import type { SessionUses } from '@coucou/application/ports/session-checks';
import type { AccessClaims } from '@coucou/application/ports/tokens';
import type { SessionUse } from '@coucou/domain/auth/session-repository';
import type { AccountId } from '@coucou/domain/kernel/ids';

export type MemorySessionUses = SessionUses &
  Readonly<{
    /** An access token was presented. */
    note: (claims: AccessClaims) => void;
    /** Writes what is new. A batch that fails is written with the next one. */
    flush: () => Promise<void>;
  }>;

export type SessionUsesOptions = Readonly<{
  write: (account: AccountId, uses: readonly SessionUse[]) => Promise<void>;
}>;

/** How often a use is written that says nothing but the time. */
const EVERY_MS = 60_000;
/** Sessions remembered as written: more, and the oldest are written once more. */
const MOST_REMEMBERED = 50_000;

type Known = Readonly<{ account: AccountId; rotation: number; at: Date }>;

/**
 * Which access tokens this node has seen. The first use of a rotation is written with the next batch: it decides whether the refresh token
 * before it still recovers the answer. Later ones only move the time of the last use, once a minute. No request waits.
 */
export function createSessionUses({ write }: SessionUsesOptions): MemorySessionUses {
  const written = new Map<string, Known>();
  let waiting = new Map<string, Known>();
  let inFlight: ReadonlyMap<string, Known> = new Map();
  let flushing: Promise<void> | undefined;

  const isNews = (known: Known | undefined, rotation: number, at: Date): boolean =>
    known === undefined || rotation > known.rotation || at.getTime() - known.at.getTime() >= EVERY_MS;

  const newest = (id: string): Known | undefined => waiting.get(id) ?? inFlight.get(id) ?? written.get(id);

  async function flushAll(): Promise<void> {
    inFlight = waiting;
    waiting = new Map();
    const byAccount = Map.groupBy(inFlight, ([, { account }]) => account);
    const writing = [...byAccount].map(async ([account, entries]) => {
      try {
        await write(
          account,
          entries.map(([id, { rotation, at }]) => ({ id: id as SessionUse['id'], rotation, at })),
        );
        for (const [id, known] of entries) {
          written.delete(id);
          written.set(id, known);
        }
      } catch (error) {
        for (const [id, known] of entries) if (!waiting.has(id)) waiting.set(id, known);
        throw error;
      }
    });
    const results = await Promise.allSettled(writing);
    inFlight = new Map();
    for (const id of written.keys()) {
      if (written.size <= MOST_REMEMBERED) break;
      written.delete(id);
    }
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  return {
    note({ account, actor: { sessionId }, rotation }) {
      const at = new Date();
      if (isNews(newest(sessionId), rotation, at)) waiting.set(sessionId, { account, rotation, at });
    },
    rotationOf: (sessionId) => newest(sessionId)?.rotation ?? -1,
    flush: () =>
      (flushing ??= flushAll().finally(() => {
        flushing = undefined;
      })),
  };
}
