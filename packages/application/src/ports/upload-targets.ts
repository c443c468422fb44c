import type { FileKey } from '@coucou/domain/attachments/attachment';
import type { AccountId, AttachmentId, Instant } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** An upload target, for any store: a form (`multipart/form-data`) of these fields and then the file, named `file`. */
export type UploadTarget = Readonly<{ url: string; fields: Readonly<Record<string, string>>; expiresAt: Instant }>;

export type ExpectedUpload = Readonly<{
  account: AccountId;
  attachmentId: AttachmentId;
  key: FileKey;
  maxBytes: number;
  expiresAt: Instant;
}>;

/** The target accepts this one file only, up to the announced size and until it expires. */
export interface UploadTargets {
  issue(expected: ExpectedUpload): Promise<UploadTarget>;
}
export const UploadTargets = token<UploadTargets>('UploadTargets');

/** Verifies the grant of an upload target on this server; undefined when forged, for another attachment, or expired. */
export interface UploadGrants {
  verify(grant: string, attachmentId: AttachmentId): ExpectedUpload | undefined;
}
export const UploadGrants = token<UploadGrants>('UploadGrants');
