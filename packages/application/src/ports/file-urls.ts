import type { AccountId, AttachmentId, SessionId, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

export type FileVariant = 'file' | 'thumbnail';

/** Whom a signed URL is for; a call of a signed-in person has this shape. */
export type FileViewer = Readonly<{ account: AccountId; actor: Readonly<{ userId: UserId; sessionId: SessionId }> }>;

/** `expiresAt` is in RFC 3339. */
export type SignedUrls = Readonly<{ url: string; thumbnailUrl: string | undefined; expiresAt: string }>;

/** Signs for one viewer. It checks nothing: each download asks again whether they may open the file. */
export type SignFile = (file: Readonly<{ id: AttachmentId; hasThumbnail: boolean }>) => SignedUrls;

/** What a valid signed URL says. */
export type FileGrant = FileViewer & Readonly<{ attachmentId: AttachmentId; variant: FileVariant }>;

/** URLs by which a browser loads files without a header: for one file, one variant, one session, and for minutes. */
export interface FileUrls {
  signerFor(viewer: FileViewer): SignFile;
  /** Undefined when it was not signed here, was changed, or has expired. */
  verify(signed: string): FileGrant | undefined;
}
export const FileUrls = token<FileUrls>('FileUrls');
