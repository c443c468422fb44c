/** The hash chain over the entries of one account. What is hashed is text, so that a seal can be checked anywhere. */

/** Hexadecimal SHA-256 of a text in UTF-8. */
export type Sha256 = (text: string) => string;

/** An entry as it is sealed: ids, and times as `YYYY-MM-DDTHH:MM:SS.ffffffZ`. A salt is absent once what it salts is erased. */
export type SealedEntry = Readonly<{
  accountId: string;
  id: string;
  action: string;
  actorKind: string;
  actorId: string | null;
  targetType: string;
  targetId: string;
  sessionId: string | null;
  requestId: string;
  at: string;
  origin: Readonly<{ salt: string | null; ip: string; userAgent: string }>;
  /** JSON as the database writes it. */
  details: Readonly<{ salt: string | null; json: string }>;
}>;

/** `number` counts from 1 without gaps; a digest is absent where its values were erased before the seal. */
export type AuditSeal = Readonly<{
  number: number;
  entryId: string;
  previousHash: string;
  originDigest: string | null;
  detailsDigest: string | null;
  sealedAt: string;
  hash: string;
}>;

export type ChainHead = Readonly<{ number: number; hash: string }>;

/** Before the first seal. */
export const CHAIN_START: ChainHead = { number: 0, hash: '0'.repeat(64) };

const VERSION = 'coucou-audit-1';

/** Of personal values only these digests are in the chain: with the salt gone, nobody finds out what they were of. */
const originDigest = (sha256: Sha256, { salt, ip, userAgent }: SealedEntry['origin']): string | null =>
  salt === null ? null : sha256(JSON.stringify([salt, ip, userAgent]));
const detailsDigest = (sha256: Sha256, { salt, json }: SealedEntry['details']): string | null =>
  salt === null ? null : sha256(JSON.stringify([salt, json]));

function hashOf(sha256: Sha256, entry: SealedEntry, seal: Omit<AuditSeal, 'hash' | 'number'>): string {
  const { accountId, id, action, actorKind, actorId, targetType, targetId, sessionId, requestId, at } = entry;
  const of = [accountId, id, action, actorKind, actorId, targetType, targetId, sessionId, requestId, at];
  return sha256(JSON.stringify([VERSION, seal.previousHash, ...of, seal.originDigest, seal.detailsDigest, seal.sealedAt]));
}

/** Seals entries in this order after the head. */
export function sealEntries(sha256: Sha256, head: ChainHead, entries: readonly SealedEntry[], sealedAt: string): readonly AuditSeal[] {
  const seals: AuditSeal[] = [];
  let { number, hash: previousHash } = head;
  for (const entry of entries) {
    const digests = { originDigest: originDigest(sha256, entry.origin), detailsDigest: detailsDigest(sha256, entry.details) };
    const seal = { entryId: entry.id, previousHash, ...digests, sealedAt };
    const hash = hashOf(sha256, entry, seal);
    number += 1;
    seals.push({ number, ...seal, hash });
    previousHash = hash;
  }
  return seals;
}

/** A seal with the entry that it names; `mayBeErased`: whether somebody was erased whose values these are. */
export type Link = Readonly<{
  seal: AuditSeal;
  entry: SealedEntry | undefined;
  mayBeErased: Readonly<{ origin: boolean; details: boolean }>;
}>;

/**
 * `unlinked`: it is what was sealed, and follows another than the one before it, whose hash is `follows`: whether entries were put in, taken out or moved, the rest of the
 * chain tells (`placeFault`).
 */
export type LinkFault = Readonly<{ is: 'missing' | 'changed'; what: string }> | Readonly<{ is: 'unlinked'; follows: string }>;

/** What is wrong with the next link after the head. */
export function checkLink(sha256: Sha256, head: ChainHead, { seal, entry, mayBeErased }: Link): LinkFault | undefined {
  if (seal.number !== head.number + 1) return { is: 'missing', what: 'there is no seal of this number' };
  if (entry === undefined) return { is: 'missing', what: 'the entry is not there, though its seal is' };
  const { origin, details } = entry;
  const personal = [
    {
      what: 'address or user agent',
      salt: origin.salt,
      digest: originDigest(sha256, origin),
      sealed: seal.originDigest,
      isBlank: origin.ip === '' && origin.userAgent === '',
      mayBe: mayBeErased.origin,
    },
    {
      what: 'details',
      salt: details.salt,
      digest: detailsDigest(sha256, details),
      sealed: seal.detailsDigest,
      isBlank: details.json === '{}',
      mayBe: mayBeErased.details,
    },
  ];
  for (const { what, salt, digest, sealed, isBlank, mayBe } of personal) {
    if (salt !== null && digest !== sealed) return { is: 'changed', what: `its ${what} are not what was sealed` };
    if (salt === null && !isBlank) return { is: 'changed', what: `its ${what} were put in after an erasure` };
    if (salt === null && !mayBe) return { is: 'changed', what: `its ${what} are erased, and nobody whose they are is` };
  }
  if (hashOf(sha256, entry, seal) !== seal.hash) return { is: 'changed', what: 'the entry or its seal is not what was sealed' };
  return seal.previousHash === head.hash ? undefined : { is: 'unlinked', follows: seal.previousHash };
}

/** Why a link follows another than the one before it, by the number at which the one that it follows is now. */
export function placeFault(
  at: number,
  follows: number | undefined,
): Readonly<{ is: 'missing' | 'inserted' | 'reordered'; number: number; what: string }> {
  if (follows === undefined)
    return { is: 'missing', number: at, what: 'what was sealed before it is not there: it was removed, or replaced with its seal' };
  return follows < at
    ? { is: 'inserted', number: follows + 1, what: `it and what follows up to ${at - 1} were put in after the seal of ${at}` }
    : { is: 'reordered', number: at, what: `it was sealed after what is now ${follows}` };
}
