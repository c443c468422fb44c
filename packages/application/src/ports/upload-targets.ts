import type { FileKey } from '@coucou/domain/attachments/attachment';
import type { AccountId, AttachmentId, Instant } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** Where a client sends a file, whatever the store: a form (`multipart/form-data`) of these fields and then the file, named `file`. */
export type UploadTarget = Readonly<{ url: string; fields: Readonly<Record<string, string>>; expiresAt: Instant }>;

export type ExpectedUpload = Readonly<{
  account: AccountId;
  attachmentId: AttachmentId;
  key: FileKey;
  maxBytes: number;
  expiresAt: Instant;
}>;

/** The target takes this one file only, no larger than announced, and no later than it says. */
export interface UploadTargets {
  issue(expected: ExpectedUpload): Promise<UploadTarget>;
}
export const UploadTargets = token<UploadTargets>('UploadTargets');

/** Reads what a target of our own let a client prove; undefined when it is forged, for another attachment, or late. */
export interface UploadGrants {
  verify(grant: string, attachmentId: AttachmentId): ExpectedUpload | undefined;
}
export const UploadGrants = token<UploadGrants>('UploadGrants');
