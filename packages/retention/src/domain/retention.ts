import { defineErrors } from '@coucou/domain/kernel/errors';
import type { AccountId, ConversationId, Id, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { FileKey } from '@coucou/domain/attachments/attachment';

export const retentionErrors = defineErrors('RETENTION', {
  HELD: ['conflict', 'A legal hold is in force here: release it first.'],
  ARCHIVE_NOT_FOUND: ['not_found', 'There is no such archive in this account.'],
});

/** How long messages are kept. A limit that is absent does not limit; without any, everything is kept. */
export type RetentionPolicy = Readonly<{
  /** Whole days since a message was sent. */
  maxAgeDays: number | undefined;
  /** The newest so many of each conversation are kept; deleted ones keep their place, and count. */
  maxMessages: number | undefined;
  /** Whether messages are written to the file store before they are trimmed. */
  archive: boolean;
}>;

/** A legal hold: until it is released, retention removes nothing here. */
export type Hold = Readonly<{ reason: string; by: UserId | undefined; at: Instant }>;

/** What was decided for an account, or for one conversation of it. Without a policy of its own, a conversation has the account's. */
export type Retention = Readonly<{ policy: RetentionPolicy | undefined; hold: Hold | undefined }>;

export type ArchiveId = Id<'archive'>;

/** Messages of one conversation that were trimmed, `firstSeq` to `lastSeq`, as a file of NDJSON. */
export type Archive = Readonly<{
  accountId: AccountId;
  id: ArchiveId;
  conversationId: ConversationId;
  firstSeq: number;
  lastSeq: number;
  messages: number;
  /** Of the file. */
  bytes: number;
  key: FileKey;
  createdAt: Instant;
}>;

function requireReleased({ hold }: Retention): void {
  if (hold !== undefined) throw retentionErrors.HELD();
}

const samePolicy = (a: RetentionPolicy | undefined, b: RetentionPolicy | undefined): boolean =>
  a?.maxAgeDays === b?.maxAgeDays &&
  a?.maxMessages === b?.maxMessages &&
  a?.archive === b?.archive &&
  (a === undefined) === (b === undefined);

/** The last seq of the next round, of at most `most` messages; undefined where there is nothing to trim. */
const roundOf = ({ firstSeq, target }: Readonly<{ firstSeq: number; target: number }>, most: number): number | undefined =>
  target < firstSeq ? undefined : Math.min(target, firstSeq + most - 1);

export const Retention = { requireReleased, samePolicy, roundOf };
