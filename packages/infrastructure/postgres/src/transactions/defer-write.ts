import { type Session, type SessionPool, setAccount } from '../kit/session.ts';
import type { DeferredWrite } from './deferred-write.ts';
import { attempted, transaction } from './transaction.ts';

/**
 * Does the write of a call now, and commits it when the call's answer is known: resolves with what was done, while the transaction waits.
 * `publish` is called after the commit. The call goes on meanwhile, and whatever ends it ends the transaction: the process by losing the
 * connection, and a call that hangs by the server's time limit for idle transactions.
 */
export function deferWrite<T, Emitted>(
  pool: SessionPool,
  deferred: DeferredWrite,
  performed: (session: Session) => Promise<Readonly<{ result: T; emitted: Emitted }>>,
  publish: (emitted: Emitted) => void,
): Promise<T> {
  const done = Promise.withResolvers<T>();
  deferred.state = 'writing';
  const committing = attempted(
    'write',
    () =>
      transaction(pool, 'a unit of work', `begin; ${setAccount(deferred.account)}`, async (session) => {
        await deferred.claim(session);
        const { result, emitted } = await performed(session);
        deferred.session = session;
        deferred.state = 'open';
        done.resolve(result);
        try {
          await deferred.keep(session);
        } finally {
          deferred.state = 'ended';
          deferred.session = undefined;
        }
        return emitted;
      }),
    // The call has been told what was done.
    () => deferred.state === 'writing',
  );
  deferred.committed = committing.then((emitted) => {
    publish(emitted);
    for (const work of deferred.afterwards) work();
  });
  deferred.committed.catch((error: unknown) => {
    // A use-case that tries it again would write past the record: the call is answered with this error in any case.
    deferred.state = 'undone';
    done.reject(error);
  });
  return done.promise;
}
