import { AsyncLocalStorage } from 'node:async_hooks';

/** Whose claim it is: an outbox worker's, or that of a schedule's run. */
type Claimant = 'outbox' | 'schedule';

/** `synced`: whether commits wait for the WAL flush (`synchronous_commit`). */
type FenceOptions = Readonly<{ kind?: Claimant; synced?: boolean }>;

/** The claim that the current work belongs to. */
const claimant = new AsyncLocalStorage<Readonly<{ kind: Claimant; id: string; synced: boolean }>>();

/** Transactions that write in this work commit only while the outbox worker, or the run of a schedule, with this id holds its claim. */
export const fenced = <T>(id: string, work: () => Promise<T>, { kind = 'outbox', synced = true }: FenceOptions = {}): Promise<T> =>
  claimant.run({ kind, id, synced }, work);

/** Refuses what must be durable before anybody learns of it. */
export function requireSynced(what: string): void {
  if (claimant.getStore()?.synced === false) throw new Error(`${what} in a subscriber with asynchronous commit`);
}

const CLAIM_LOST = 'CC001';
export const isClaimLost = (error: unknown): boolean => (error as { code?: unknown } | undefined)?.code === CLAIM_LOST;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * What stands between BEGIN and the work: the row of the claim is locked until the commit, so that nobody takes it back before, and who woke
 * up after its lease writes nothing. Travels with BEGIN.
 */
export function fence(): string {
  const claim = claimant.getStore();
  if (claim === undefined) return '';
  if (!UUID.test(claim.id)) throw new Error('the id of a claim is a UUID');
  const unsynced = claim.synced ? '' : '; set local synchronous_commit = off';
  return `; set local role coucou_system; select hold_claim('${claim.kind}', '${claim.id}'); set local role coucou_app${unsynced}`;
}
