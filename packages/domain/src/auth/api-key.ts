import { defineErrors } from '../kernel/errors.ts';
import type { AccountId, ApiKeyId, Instant, UserId } from '../kernel/ids.ts';
import { addSeconds, isPast } from '../kernel/time.ts';

export const apiKeyErrors = defineErrors('API_KEY', {
  NOT_FOUND: ['not_found', 'There is no such API key.'],
  LIMIT_REACHED: ['conflict', 'The account has as many API keys as it may have; revoke one first.'],
});

/** A key by which a server of the account calls. Of its secrets only SHA-256 hashes are kept, hex. */
export type ApiKey = Readonly<{
  accountId: AccountId;
  id: ApiKeyId;
  name: string;
  /** What it may do, such as `users:read`. */
  scopes: readonly string[];
  secretHash: string;
  /** The secret before the last rotation, and until when it is good beside the new one. */
  previous: Readonly<{ secretHash: string; until: Instant }> | undefined;
  /** Absent for a key that another key made. */
  createdBy: UserId | undefined;
  createdAt: Instant;
  expiresAt: Instant | undefined;
  lastUsedAt: Instant | undefined;
  revokedAt: Instant | undefined;
}>;

export type NewApiKey = Pick<ApiKey, 'accountId' | 'id' | 'name' | 'scopes' | 'secretHash' | 'createdBy'> &
  Readonly<{ now: Instant; ttlSeconds: number | undefined }>;

const create = ({ now, ttlSeconds, ...rest }: NewApiKey): ApiKey => ({
  ...rest,
  previous: undefined,
  createdAt: now,
  expiresAt: ttlSeconds === undefined ? undefined : addSeconds(now, ttlSeconds),
  lastUsedAt: undefined,
  revokedAt: undefined,
});

/** Another secret. The one before is good for as long as the servers need to get the new one; the one before that no longer. */
const rotate = (key: ApiKey, secretHash: string, overlapSeconds: number, now: Instant): ApiKey => ({
  ...key,
  secretHash,
  previous: overlapSeconds === 0 ? undefined : { secretHash: key.secretHash, until: addSeconds(now, overlapSeconds) },
});

const isLive = ({ revokedAt, expiresAt }: ApiKey, now: Instant): boolean =>
  revokedAt === undefined && (expiresAt === undefined || !isPast(expiresAt, now));

/** Whether who presents a secret of this hash may act by the key now. */
function isGood(key: ApiKey, secretHash: string, now: Instant): boolean {
  if (!isLive(key, now)) return false;
  const { previous } = key;
  return secretHash === key.secretHash || (secretHash === previous?.secretHash && !isPast(previous.until, now));
}

export const ApiKey = { create, rotate, isLive, isGood };
