import { AsyncLocalStorage } from 'node:async_hooks';

/** The row that says whose a claim is: that of an outbox worker, or of a job with the run that is under way. */
const CLAIMS = { outbox_worker: 'id', schedule: 'runner' } as const;
type ClaimTable = keyof typeof CLAIMS;

/** The claim that the current work belongs to. */
const claimant = new AsyncLocalStorage<Readonly<{ table: ClaimTable; id: string }>>();

/** Transactions that write in this work commit only while the outbox worker, or the run of a job, with this id holds its claim. */
export const fenced = <T>(id: string, work: () => Promise<T>, table: ClaimTable = 'outbox_worker'): Promise<T> =>
  claimant.run({ table, id }, work);

const CLAIM_LOST = 'CC001';
export const isClaimLost = (error: unknown): boolean => (error as { code?: unknown } | undefined)?.code === CLAIM_LOST;

const UUID = /^[0-9a-f-]{36}$/;

/**
 * What stands between BEGIN and the work: the row of the claim is locked until the commit, so that nobody takes it back before, and who woke
 * up after its lease writes nothing. Travels with BEGIN.
 */
export function fence(): string {
  const claim = claimant.getStore();
  if (claim === undefined) return '';
  const { table, id } = claim;
  if (!UUID.test(id)) throw new Error('the id of a claim is a UUID');
  return `; set local role coucou_system; do $fence$ begin
    perform from ${table} where ${CLAIMS[table]} = '${id}' for key share;
    if not found then raise exception 'the claim was lost' using errcode = '${CLAIM_LOST}'; end if;
  end $fence$; set local role coucou_app`;
}
