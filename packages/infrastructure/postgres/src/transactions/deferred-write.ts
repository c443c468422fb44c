import { AsyncLocalStorage } from 'node:async_hooks';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Session } from '../kit/session.ts';

/**
 * A call whose one write is committed when its answer is known. `before`: it has not written. `writing`: its write is under way. `open`: it
 * has written, and its transaction waits. `undone`: its write failed, and so will the call, whatever it does next. `ended`: the transaction has all
 * that it will have; what still runs of the call is on its own.
 */
export type DeferredWrite = {
  readonly account: AccountId;
  state: 'before' | 'writing' | 'open' | 'undone' | 'ended';
  /** The transaction, while it is open. */
  session: Session | undefined;
  /** Settles when the write is committed, or undone; absent before there is one. */
  committed: Promise<void> | undefined;
  /** Takes the key, first in the transaction; again in each attempt. */
  readonly claim: (session: Session) => Promise<void>;
  /** Waits for the answer and stores it, last in the transaction; rejects where there is none. */
  readonly keep: (session: Session) => Promise<void>;
  readonly afterwards: (() => void)[];
};

const current = new AsyncLocalStorage<DeferredWrite>();

export const withDeferredWrite = <T>(deferred: DeferredWrite, work: () => Promise<T>): Promise<T> => current.run(deferred, work);

/** Out of the call that this is part of, if it is. */
export const apart = <T>(work: () => T): T => current.exit(work);

/** Of the call that this is part of; undefined outside of one, and once its transaction has ended. */
function deferredWrite(): DeferredWrite | undefined {
  const deferred = current.getStore();
  return deferred === undefined || deferred.state === 'ended' ? undefined : deferred;
}

/** When the call that this is part of is committed; at once outside of one. */
export function afterwards(work: () => void): void {
  const deferred = deferredWrite();
  if (deferred === undefined) work();
  else deferred.afterwards.push(work);
}

/**
 * The transaction that what is read now belongs to: that of the call's write, once it has written. On another connection its readers would
 * not see what it wrote; on the one of an embedded database they would wait for ever.
 */
export function sessionToRead(account: AccountId): Session | undefined {
  const deferred = deferredWrite();
  if (deferred?.state !== 'open') return undefined;
  if (deferred.account !== account) throw new Error(`a look at another account ${UNFIT}`);
  return deferred.session;
}

/** The call whose write this is; undefined outside of one. Throws where it has written already. */
export function deferringWrite(account: AccountId): DeferredWrite | undefined {
  const deferred = deferredWrite();
  if (deferred === undefined) return undefined;
  if (deferred.state !== 'before') throw new Error(`a second write ${UNFIT}`);
  if (deferred.account !== account) throw new Error(`a write in another account ${UNFIT}`);
  return deferred;
}

/** For what is written past the call's own transaction: it would be there, or not, whatever becomes of the record of the call. */
export function refuseInDeferred(what: string): void {
  if (deferredWrite() !== undefined) throw new Error(`${what} ${UNFIT}`);
}

const UNFIT = 'in a call with an idempotency key: its operation must not take one';
