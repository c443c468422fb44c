import { defineErrors } from '../kernel/errors.ts';
import type { AccountId, Instant } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';

export const accountErrors = defineErrors('ACCOUNT', {
  NOT_FOUND: ['not_found', 'There is no such account.'],
  CLIENT_KEY_TAKEN: ['conflict', 'Another account has this client key.'],
  SUSPENDED: ['forbidden', 'This service is suspended for the whole account; contact its operator.'],
});

/** A tenant. Every user, conversation, key and log belongs to exactly one. */
export type Account = Readonly<{ id: AccountId; name: string; clientKey: string; createdAt: Instant }>;

/** The account of calls that name none; it exists from the first start. */
export const DEFAULT_CLIENT_KEY = 'default';

/** Characters of a client key. */
export const LONGEST_CLIENT_KEY = limits.clientKey;
