import { type Attachment, attachmentErrors, type FileKey } from '@coucou/domain/attachments/attachment';
import { MediaType } from '@coucou/domain/attachments/media-type';
import type { AttachmentId } from '@coucou/domain/kernel/ids';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { FileStore } from '../ports/file-store.ts';
import { AttachmentReader } from './attachment-reader.ts';

/** A file that the caller may open; the transport sends the requested range. */
export type OpenedFile = Readonly<{
  key: FileKey;
  size: number;
  type: string;
  name: string;
  /** May be displayed inline; anything else is sent as an attachment. */
  inline: boolean;
  /** ETag: the same for the same bytes, which never change. */
  etag: string;
}>;

type Input = Readonly<{ attachmentId: AttachmentId }>;
const deps = { reader: AttachmentReader, files: FileStore };

async function openable({ reader }: Ports<typeof deps>, { attachmentId }: Input, { account, actor }: UserCall): Promise<Attachment> {
  const [attachment] = await reader.openable(account, actor.userId, [attachmentId]);
  if (attachment === undefined) throw attachmentErrors.ATTACHMENT_NOT_FOUND();
  return attachment;
}

/** The store's own size, so that a lost file is answered as not found. */
async function opened(
  { files }: Ports<typeof deps>,
  key: FileKey | undefined,
  file: Omit<OpenedFile, 'key' | 'size'>,
): Promise<OpenedFile> {
  const stored = key === undefined ? undefined : await files.head(key);
  if (stored === undefined) throw attachmentErrors.ATTACHMENT_NOT_FOUND();
  return { ...file, key: stored.key, size: stored.size };
}

export const openAttachment = useCase({
  name: 'attachments.get',
  deps,
  async run(ports, input: Input, call): Promise<OpenedFile> {
    const { id, name, type, storageKey } = await openable(ports, input, call);
    return opened(ports, storageKey, { name, type: MediaType.served(type), inline: MediaType.isImage(type), etag: `"${id}"` });
  },
});

export const openThumbnail = useCase({
  name: 'attachments.thumbnail',
  deps,
  async run(ports, input: Input, call): Promise<OpenedFile> {
    const { id, name, thumbnailKey } = await openable(ports, input, call);
    return opened(ports, thumbnailKey, { name: `${name}.webp`, type: 'image/webp', inline: true, etag: `"${id}-thumbnail"` });
  },
});
