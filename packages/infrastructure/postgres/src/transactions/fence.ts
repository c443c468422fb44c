import { AsyncLocalStorage } from 'node:async_hooks';

/** The claim that the current work belongs to: the id of the outbox worker. */
const claimant = new AsyncLocalStorage<string>();

/** Transactions that write in this work commit only while the worker holds its claims. */
export const fenced = <T>(worker: string, work: () => Promise<T>): Promise<T> => claimant.run(worker, work);

const CLAIM_LOST = 'CC001';
export const isClaimLost = (error: unknown): boolean => (error as { code?: unknown } | undefined)?.code === CLAIM_LOST;

const UUID = /^[0-9a-f-]{36}$/;

/**
 * What stands between BEGIN and the work: the worker's row is locked until the commit, so that nobody takes its claims back before, and a
 * worker that woke up after its lease writes nothing. Travels with BEGIN.
 */
export function fence(): string {
  const worker = claimant.getStore();
  if (worker === undefined) return '';
  if (!UUID.test(worker)) throw new Error('the id of a worker is a UUID');
  return `; set local role coucou_system; do $fence$ begin
    perform from outbox_worker where id = '${worker}' for key share;
    if not found then raise exception 'the claim was lost' using errcode = '${CLAIM_LOST}'; end if;
  end $fence$; set local role coucou_app`;
}
