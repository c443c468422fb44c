import { defineErrors } from '../kernel/errors.ts';
import type { AccountId, Instant, UserId } from '../kernel/ids.ts';

export const secondFactorErrors = defineErrors('', {
  SECOND_FACTOR_REQUIRED: [
    'unauthenticated',
    'A second factor is needed as well; the details say which, and hold the challenge to answer or to enrol with.',
  ],
  CODE_INVALID: ['unauthenticated', 'This code or challenge is wrong, has expired or was used already.'],
  SECOND_FACTOR_EXISTS: ['conflict', 'An authenticator app is set up already; disable it before you set up another.'],
  SECOND_FACTOR_NOT_FOUND: ['not_found', 'No authenticator app is set up.'],
});

/** The ways to answer a challenge for a second factor. */
export type SecondFactorMethod = 'totp' | 'recovery_code' | 'passkey';

/** How many recovery codes somebody has at once. */
export const RECOVERY_CODES = 10;

/** An authenticator app (TOTP, RFC 6238). It asks for codes from the moment that it has shown one. */
export type Totp = Readonly<{
  accountId: AccountId;
  userId: UserId;
  sealedSecret: string;
  createdAt: Instant;
  confirmedAt: Instant | undefined;
  /** The time step of the newest code that was used: it and those before are spent. */
  lastStep: number | undefined;
}>;

const enrol = (of: Pick<Totp, 'accountId' | 'userId' | 'sealedSecret'>, now: Instant): Totp => ({
  ...of,
  createdAt: now,
  confirmedAt: undefined,
  lastStep: undefined,
});

const isConfirmed = (totp: Totp | undefined): totp is Totp => totp?.confirmedAt !== undefined;

/** After the code of this step; undefined where that code is spent. */
function use(totp: Totp, step: number, now: Instant): Totp | undefined {
  if (totp.lastStep !== undefined && step <= totp.lastStep) return undefined;
  return { ...totp, lastStep: step, confirmedAt: totp.confirmedAt ?? now };
}

export const Totp = { enrol, isConfirmed, use };

export interface SecondFactorRepository {
  lookup(userId: UserId): Promise<Totp | undefined>;
  /** Locked until the unit of work ends. */
  lock(userId: UserId): Promise<Totp | undefined>;
  /** In the place of one that was not confirmed. */
  put(totp: Totp): Promise<void>;
  /** Writes what a code changes. */
  update(totp: Totp): Promise<void>;
  /** With the recovery codes; answers whether there was one. */
  remove(userId: UserId): Promise<boolean>;
  /** In the place of all earlier ones. */
  putRecoveryCodes(userId: UserId, hashes: readonly string[]): Promise<void>;
  /** Removes one; true for one of all callers. */
  spendRecoveryCode(userId: UserId, hash: string): Promise<boolean>;
  countRecoveryCodes(userId: UserId): Promise<number>;
}
