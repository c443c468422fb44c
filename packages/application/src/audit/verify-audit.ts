import { CHAIN_START, placeFault } from '@coucou/domain/audit/audit-chain';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Ports } from '../kernel/token.ts';
import { AuditChain } from '../ports/audit-chain.ts';

export const verifyPorts = { chain: AuditChain };

/** What is broken: the first in the order of the chain. `number` is absent of an entry that has none. */
export type AuditFault = Readonly<{
  is: 'missing' | 'changed' | 'inserted' | 'reordered' | 'cut';
  number?: number;
  entryId?: string;
  what: string;
}>;

/** `sealed`: links that are right; `erased`: entries among them whose personal values are erased; `waiting`: entries without a seal yet. */
export type AuditVerdict = Readonly<{ sealed: number; erased: number; waiting: number; head: string; fault: AuditFault | undefined }>;

const BATCH = 1_000;

/**
 * Checks the log of an account from its first entry on, in batches; `progress` is told how many links are right so far. That the end of a chain was
 * cut off can be seen by a `head` alone that was kept elsewhere: the hash of a seal, which has to be in the chain.
 */
export async function verifyAudit(
  { chain }: Ports<typeof verifyPorts>,
  account: AccountId,
  { head, progress }: Readonly<{ head?: string | undefined; progress?: (sealed: number) => void }> = {},
): Promise<AuditVerdict> {
  let last = CHAIN_START;
  let erased = 0;
  const verdict = (fault?: AuditFault, waiting = 0): AuditVerdict => ({ sealed: last.number, erased, waiting, head: last.hash, fault });
  const end = await chain.head(account);
  while (last.number < end.number) {
    const { last: reached, erased: more, fault } = await chain.check(account, last, BATCH);
    const isStuck = reached.number === last.number;
    last = reached;
    erased += more;
    const at = last.number + 1;
    if (fault?.is === 'unlinked') {
      const { follows, entryId } = fault;
      const place = placeFault(at, follows === CHAIN_START.hash ? 0 : await chain.numberOf(account, follows));
      return verdict({ ...place, ...(place.number === at && { entryId }) });
    }
    if (fault !== undefined) return verdict({ ...fault, number: at });
    if (isStuck) return verdict({ is: 'missing', number: at, what: 'the chain ends before its last seal' });
    progress?.(last.number);
  }
  if (head !== undefined && head !== CHAIN_START.hash && (await chain.numberOf(account, head)) === undefined)
    return verdict({ is: 'cut', what: `the chain does not hold ${head}: its end was cut off, or it was made anew` });
  const { waiting, stray } = await chain.unsealed(account);
  if (stray !== undefined)
    return verdict(
      { is: 'inserted', entryId: stray, what: 'it has no seal and waits for none: it was put in past the server, or its seal was removed' },
      waiting,
    );
  return verdict(undefined, waiting);
}
