import type { Announced, EventBus } from '@coucou/application/ports/event-bus';
import type { AccessChange, SessionChecks } from '@coucou/application/ports/session-checks';
import type { AccessChanges } from '@coucou/application/ports/system-repository';
import { accountErrors } from '@coucou/domain/accounts/account';
import { authErrors } from '@coucou/domain/auth/session';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { suspensionErrors } from '@coucou/domain/moderation/suspension';

/** An access that ended here, for what holds connections. */
export type AccessEnded = Readonly<{ account: AccountId; change: Exclude<AccessChange, { is: 'restored' }> }>;

export type MemorySessionChecks = SessionChecks &
  Readonly<{
    /** Called in the same turn in which calls begin to be refused. Answers a function that unsubscribes. */
    onEnded: (listener: (ended: AccessEnded) => void) => () => void;
    /** Asks the database what other nodes changed. Throws what the database throws. */
    poll: () => Promise<void>;
    size: () => number;
  }>;

export type SessionChecksOptions = Readonly<{
  /** The changes within the last seconds. */
  changes: (window: Readonly<{ endedSeconds: number; suspendedSeconds: number }>) => Promise<AccessChanges>;
  bus: Pick<EventBus, 'subscribe'>;
  /** The longest life of an access token, in seconds: an ended session is remembered as long, since its tokens are good for no longer. */
  longestTokenSeconds: number;
}>;

/** How much later than its own time a change may commit: longer than any transaction may last. */
const OVERLAP_SECONDS = 60;
const FORGET_EVERY_MS = 60_000;

const seconds = (): number => performance.now() / 1_000;

/**
 * Ended sessions and suspensions, in memory: fed by this node's own commits and other nodes' by the bus, and always by polling. What the
 * bus said is never taken back by a poll that began earlier.
 */
export function createSessionChecks({ changes, bus, longestTokenSeconds }: SessionChecksOptions): MemorySessionChecks {
  const memorySeconds = longestTokenSeconds + 2 * OVERLAP_SECONDS;
  /** By session: when it may be forgotten, in seconds of the monotonic clock. */
  const ended = new Map<string, number>();
  /** By account, or account and person: when this node learned of it. */
  const suspended = new Map<string, number>();
  /** The same of those lifted since the last poll. */
  const restored = new Map<string, number>();
  const listeners = new Set<(ended: AccessEnded) => void>();
  let polledAt: number | undefined;
  let forgotAt = performance.now();

  const sessionKey = (account: string, id: string) => `${account}:${id}`;
  const suspensionKey = (account: string, userId?: string) => (userId === undefined ? account : `${account}:${userId}`);

  function tell(account: AccountId, change: AccessEnded['change']): void {
    for (const listener of listeners) listener({ account, change });
  }

  function end(account: AccountId, change: Extract<AccessChange, { is: 'ended' }>): void {
    const fresh = change.sessionIds.filter((id) => !ended.has(sessionKey(account, id)));
    if (fresh.length === 0) return;
    for (const id of fresh) ended.set(sessionKey(account, id), seconds() + memorySeconds);
    tell(account, { ...change, sessionIds: fresh });
  }

  function suspend(account: AccountId, change: Extract<AccessChange, { is: 'suspended' | 'restored' }>): void {
    const key = suspensionKey(account, change.userId);
    const isNew = !suspended.has(key);
    suspended.set(key, seconds());
    if (isNew) tell(account, { ...change, is: 'suspended' });
  }

  function restore(key: string): void {
    suspended.delete(key);
    restored.set(key, seconds());
  }

  function apply(account: AccountId, change: AccessChange): void {
    if (change.is === 'ended') end(account, change);
    else if (change.is === 'suspended') suspend(account, change);
    else restore(suspensionKey(account, change.userId));
  }

  function follow(announced: readonly Announced[]): void {
    for (const { account, tellings } of announced) for (const { to } of tellings) if (to.kind === 'access') apply(account, to.change);
  }
  bus.subscribe(follow);

  /** The suspensions are those that a poll lists, but for what was said of them since it began. */
  function reconcile({ suspendedUsers, suspendedAccounts }: AccessChanges, startedAt: number): void {
    const listed = new Set([...suspendedUsers.map(({ account, userId }) => suspensionKey(account, userId)), ...suspendedAccounts]);
    const isOld = (key: string) => (restored.get(key) ?? Number.NEGATIVE_INFINITY) >= startedAt;
    for (const { account, userId } of suspendedUsers)
      if (!isOld(suspensionKey(account, userId))) suspend(account, { is: 'suspended', userId });
    for (const account of suspendedAccounts) if (!isOld(suspensionKey(account))) suspend(account, { is: 'suspended' });
    for (const [key, since] of suspended) if (since < startedAt && !listed.has(key)) suspended.delete(key);
    for (const [key, at] of restored) if (at < startedAt) restored.delete(key);
  }

  function forget(): void {
    if (performance.now() - forgotAt < FORGET_EVERY_MS) return;
    forgotAt = performance.now();
    const now = seconds();
    for (const [key, until] of ended) if (until < now) ended.delete(key);
  }

  return {
    check({ account, actor: { userId, sessionId } }) {
      if (ended.has(sessionKey(account, sessionId))) throw authErrors.SESSION_REVOKED();
      if (suspended.size === 0) return;
      if (suspended.has(suspensionKey(account))) throw accountErrors.SUSPENDED();
      if (suspended.has(suspensionKey(account, userId))) throw suspensionErrors.SUSPENDED();
    },

    onEnded(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },

    async poll() {
      const startedAt = seconds();
      const endedSeconds = polledAt === undefined ? memorySeconds : startedAt - polledAt + OVERLAP_SECONDS;
      const found = await changes({ endedSeconds: Math.min(endedSeconds, memorySeconds), suspendedSeconds: memorySeconds });
      polledAt = startedAt;
      for (const { account, sessionId, userId, reason } of found.ended)
        end(account, { is: 'ended', userId, sessionIds: [sessionId], reason });
      reconcile(found, startedAt);
      forget();
    },

    size: () => ended.size + suspended.size,
  };
}
