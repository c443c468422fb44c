import type { KeptAnswer, KeyedCall, KeyedCalls } from '@coucou/application/ports/keyed-calls';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { type Session, type SessionPool, setAccount } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import { afterwards, apart, type DeferredWrite, withDeferredWrite } from '../transactions/deferred-write.ts';
import { attempted, transaction } from '../transactions/transaction.ts';

type Row = Readonly<{ fingerprint: string; status: number; body: string | null }>;

const ACCOUNT = `current_setting('app.account_id')::uuid`;

const FIND = `
  select fingerprint, status, body from idempotency_record
  where account_id = ${ACCOUNT} and caller_id = $1 and key = $2 and expires_at > clock_now()`;

/** Released with the transaction, however it ends. Not the row itself: before the first commit there is none, and an insert would wait. */
const LOCK = 'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as taken';

/** Only what has expired can be in the way: the key is locked, and was looked up under the lock. */
const KEEP = `
  insert into idempotency_record (account_id, caller_id, key, fingerprint, status, body, expires_at)
  values (${ACCOUNT}, $1, $2, $3, $4, $5, clock_now() + interval '24 hours')
  on conflict (account_id, caller_id, key) do update
  set fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body, expires_at = excluded.expires_at
  where idempotency_record.expires_at <= clock_now()
  returning status`;

/** Bytes of an answer. */
const LARGEST_BODY = 1_048_576;
/** What is refused while the first call is writing may succeed when that has ended, which takes milliseconds. */
const SOON = { retryAfterSeconds: 1 };

/** Ends a transaction whose call was answered before it got the key. */
class AnsweredMeanwhile extends Error {}

/**
 * The key is taken in the transaction of the effect, by a lock that ends with it, and the record is written there: no lease can outlive its
 * holder, and no holder its lease. See docs/adr/2026-11-30-idempotency-keys.md.
 */
export function createKeyedCalls(pool: SessionPool): KeyedCalls {
  const find = async ({ account, caller, key }: KeyedCall): Promise<Row | undefined> =>
    (await readOnce<Row>(pool, account, FIND, [caller, key], 'idempotency-find'))[0];

  return {
    apart,
    afterwards,
    async once(call, work) {
      const earlier = await find(call);
      if (earlier !== undefined) return replayed(earlier, call);
      const answer = Promise.withResolvers<KeptAnswer>();
      // Nobody waits for it where nothing is written.
      answer.promise.catch(() => {});
      let meanwhile: Row | undefined;
      const deferred: DeferredWrite = {
        account: call.account,
        state: 'before',
        session: undefined,
        committed: undefined,
        async claim(session) {
          meanwhile = await claim(session, call);
          if (meanwhile !== undefined) throw new AnsweredMeanwhile();
        },
        keep: async (session) => keep(session, call, await answer.promise),
        afterwards: [],
      };
      try {
        const made = await withDeferredWrite(deferred, work);
        answer.resolve(made);
        await (deferred.committed ?? keepAlone(pool, deferred));
        return { ...made, replayed: false };
      } catch (error) {
        answer.reject(error);
        await deferred.committed?.catch(() => {});
        deferred.state = 'ended';
        // What an earlier call with the key did may be why this one was refused before it wrote.
        if (meanwhile === undefined && isRefusal(error)) meanwhile = await find(call);
        if (meanwhile === undefined) throw error;
        return replayed(meanwhile, call);
      }
    },
  };
}

/** The record of a call that found nothing to write. */
async function keepAlone(pool: SessionPool, deferred: DeferredWrite): Promise<void> {
  deferred.state = 'ended';
  await attempted('write', () =>
    transaction(pool, 'an idempotency record', `begin; ${setAccount(deferred.account)}`, async (session) => {
      await deferred.claim(session);
      await deferred.keep(session);
    }),
  );
  for (const each of deferred.afterwards) each();
}

/** The answer of another call with the key, if one has been committed. Throws `IDEMPOTENCY_IN_PROGRESS` while one is writing. */
async function claim(session: Session, { account, caller, key }: KeyedCall): Promise<Row | undefined> {
  const { rows: locks } = await session.query<{ taken: boolean }>(LOCK, [JSON.stringify([account, caller, key])], 'idempotency-lock');
  if (locks[0]?.taken !== true) throw errors.IDEMPOTENCY_IN_PROGRESS(SOON);
  // A statement of its own: one sees what was committed before it began, and the lock may have been released after that.
  const { rows } = await session.query<Row>(FIND, [caller, key], 'idempotency-find');
  return rows[0];
}

async function keep(session: Session, { caller, key, fingerprint }: KeyedCall, { status, body }: KeptAnswer): Promise<void> {
  if (body !== undefined && Buffer.byteLength(body) > LARGEST_BODY)
    throw errors.PAYLOAD_TOO_LARGE({ reason: 'the answer is too large to be kept: call without an idempotency key', limit: LARGEST_BODY });
  const { rows } = await session.query(KEEP, [caller, key, fingerprint, status, body ?? null], 'idempotency-keep');
  if (rows.length === 0) throw new Error('an idempotency record is there that nobody saw under its lock');
}

function replayed({ fingerprint, status, body }: Row, call: KeyedCall): KeptAnswer & Readonly<{ replayed: boolean }> {
  if (fingerprint !== call.fingerprint) throw errors.IDEMPOTENCY_KEY_CONFLICT();
  return { status, body: body ?? undefined, replayed: true };
}

/** Decided by what is there, as opposed to a failure of the server. */
const isRefusal = (error: unknown): boolean => error instanceof ChatError && error.kind !== 'unavailable' && error.kind !== 'internal';
