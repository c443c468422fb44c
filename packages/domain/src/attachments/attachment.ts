import { defineErrors, errors } from '../kernel/errors.ts';
import type { AccountId, AttachmentId, Instant, UserId } from '../kernel/ids.ts';
import { addSeconds, isPast } from '../kernel/time.ts';
import { cleanFileName } from './file-name.ts';
import { MediaType } from './media-type.ts';

export const attachmentErrors = defineErrors('', {
  ATTACHMENT_NOT_FOUND: ['not_found', 'There is no such attachment.'],
  ATTACHMENT_TYPE_REFUSED: ['invalid', 'Files of this type are not accepted.'],
  ATTACHMENT_INCOMPLETE: ['conflict', 'The file did not arrive as announced; upload it again.'],
  FILE_URL_INVALID: ['forbidden', 'This URL of a file is not valid, or not any more; ask attachments.urls for a new one.'],
  RANGE_UNSATISFIABLE: ['range', 'The file has no such range of bytes.'],
});

/** Where bytes are kept: `<account>/<random>`. It says nothing of whose they are, or what they are called. */
export type FileKey = string & { readonly $kind: 'fileKey' };

export type Attachment = Readonly<{
  accountId: AccountId;
  id: AttachmentId;
  ownerId: UserId;
  /** A label, never a path. */
  name: string;
  status: 'pending' | 'ready';
  /** As found in the content; while pending, unknown. */
  type: string;
  /** Bytes; while pending, what was announced. */
  size: number;
  width: number | undefined;
  height: number | undefined;
  /** Where the bytes arrive; gone once it is ready. */
  uploadKey: FileKey | undefined;
  storageKey: FileKey | undefined;
  thumbnailKey: FileKey | undefined;
  /** What it takes of its owner's quota: what was announced, then what is kept. */
  quotaBytes: number;
  createdAt: Instant;
}>;

export type AttachmentLimits = Readonly<{ maxBytes: number; quotaBytes: number }>;

/** How long an upload may take, and how long a file that no message uses is kept. */
export const attachmentAges = { uploadSeconds: 3_600, unusedSeconds: 86_400 } as const;

type Reservation = Readonly<{
  accountId: AccountId;
  id: AttachmentId;
  ownerId: UserId;
  name: string;
  size: number;
  uploadKey: FileKey;
  now: Instant;
}>;

function requireRoom(used: number, more: number, { quotaBytes }: AttachmentLimits): void {
  if (used + more > quotaBytes) throw errors.PLAN_LIMIT_REACHED({ limit: 'attachments', allowed: quotaBytes, used, wanted: more });
}

/** Takes room for a file that is to come. `used` is what the owner's other files take, under a lock on the owner. */
function reserve({ now, name, ...input }: Reservation, used: number, limits: AttachmentLimits): Attachment {
  if (input.size < 1) throw errors.VALIDATION_FAILED([{ path: ['size'], rule: 'too_small', message: 'The file must not be empty.' }]);
  if (input.size > limits.maxBytes) throw errors.PAYLOAD_TOO_LARGE({ limit: limits.maxBytes });
  requireRoom(used, input.size, limits);
  return {
    ...input,
    name: cleanFileName(name),
    status: 'pending',
    type: 'application/octet-stream',
    width: undefined,
    height: undefined,
    storageKey: undefined,
    thumbnailKey: undefined,
    quotaBytes: input.size,
    createdAt: now,
  };
}

export type KeptFile = Readonly<{
  type: string;
  size: number;
  width: number | undefined;
  height: number | undefined;
  storageKey: FileKey;
  thumbnail: Readonly<{ key: FileKey; size: number }> | undefined;
}>;

/** Makes it ready: what is kept takes the place of what was announced. `used` is what the owner's files take, this one included. */
function finish(attachment: Attachment, { thumbnail, ...kept }: KeptFile, used: number, limits: AttachmentLimits): Attachment {
  const quotaBytes = kept.size + (thumbnail?.size ?? 0);
  requireRoom(used - attachment.quotaBytes, quotaBytes, limits);
  return { ...attachment, ...kept, status: 'ready', uploadKey: undefined, thumbnailKey: thumbnail?.key, quotaBytes };
}

/** Throws unless files of this type, as detected from the content, are accepted. */
function requireType(type: string): void {
  const reason = MediaType.refusal(type);
  if (reason !== undefined) throw attachmentErrors.ATTACHMENT_TYPE_REFUSED({ type, reason });
}

/** An upload that is not completed by then is abandoned. */
const uploadEnds = ({ createdAt }: Pick<Attachment, 'createdAt'>): Instant => addSeconds(createdAt, attachmentAges.uploadSeconds);
const mayComplete = (attachment: Attachment, now: Instant): boolean =>
  attachment.status === 'pending' && !isPast(uploadEnds(attachment), now);

/** All keys under which it has bytes. */
const keysOf = ({ uploadKey, storageKey, thumbnailKey }: Attachment): readonly FileKey[] =>
  [uploadKey, storageKey, thumbnailKey].filter((key) => key !== undefined);

export const Attachment = { reserve, finish, requireType, uploadEnds, mayComplete, keysOf };
