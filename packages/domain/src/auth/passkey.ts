import { defineErrors } from '../kernel/errors.ts';
import type { AccountId, Id, Instant, UserId } from '../kernel/ids.ts';

export const passkeyErrors = defineErrors('PASSKEY', {
  REFUSED: ['unauthenticated', 'This passkey was not accepted; ask for new options and try again, or sign in another way.'],
  INVALID: ['invalid', 'This passkey could not be added; ask for new options and try again.'],
  NOT_FOUND: ['not_found', 'There is no such passkey.'],
  LIMIT_REACHED: ['conflict', 'You have the maximum number of passkeys; remove one first.'],
});

/** Passkeys of one person. */
export const MOST_PASSKEYS = 20;

export type PasskeyId = Id<'passkey'>;

/** A discoverable credential (WebAuthn) with user verification: it stands for both factors. */
export type Passkey = Readonly<{
  accountId: AccountId;
  id: PasskeyId;
  userId: UserId;
  /** Base64url, as authenticators name it. */
  credentialId: string;
  /** COSE, base64url. */
  publicKey: string;
  /** What the authenticator last counted; 0 where it does not count. */
  counter: number;
  transports: readonly string[];
  /** Whether it is synced to other devices of the person. */
  backedUp: boolean;
  name: string;
  createdAt: Instant;
  lastUsedAt: Instant | undefined;
}>;

/** After a use; undefined where the counter went back or stood still, which says that there is a copy of the key (WebAuthn, 6.1.1). */
function use(passkey: Passkey, counter: number, now: Instant): Passkey | undefined {
  if ((counter > 0 || passkey.counter > 0) && counter <= passkey.counter) return undefined;
  return { ...passkey, counter, lastUsedAt: now };
}

export const Passkey = { use };

export interface PasskeyRepository {
  /** The newest last. */
  list(userId: UserId): Promise<Passkey[]>;
  /** By the authenticator's name for it, in this account. */
  lookupByCredential(credentialId: string): Promise<Passkey | undefined>;
  /** Locked until the unit of work ends. */
  lock(id: PasskeyId): Promise<Passkey | undefined>;
  /** Answers false where the credential is registered already. */
  add(passkey: Passkey): Promise<boolean>;
  /** Writes what a use changes. */
  update(passkey: Passkey): Promise<void>;
  remove(userId: UserId, id: PasskeyId): Promise<boolean>;
  /** Answers how many there were. */
  removeAll(userId: UserId): Promise<number>;
}
