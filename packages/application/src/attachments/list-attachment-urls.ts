import type { AttachmentId } from '@coucou/domain/kernel/ids';
import { FileUrls, type SignedUrls } from '../ports/file-urls.ts';
import { useCase } from '../kernel/use-case.ts';
import { AttachmentReader } from './attachment-reader.ts';

export type AttachmentUrls = SignedUrls & Readonly<{ attachmentId: AttachmentId }>;

/** In the order asked for. What the caller may not open is left out, as what does not exist is: one lost file spoils no others. */
export const listAttachmentUrls = useCase({
  name: 'attachments.urls',
  deps: { reader: AttachmentReader, urls: FileUrls },
  async run({ reader, urls }, { attachmentIds }: Readonly<{ attachmentIds: readonly AttachmentId[] }>, call): Promise<AttachmentUrls[]> {
    const found = await reader.openable(call.account, call.actor.userId, attachmentIds);
    const byId = new Map(found.map((attachment) => [attachment.id, attachment]));
    const sign = urls.signerFor(call);
    return attachmentIds.flatMap((id) => {
      const attachment = byId.get(id);
      return attachment === undefined ? [] : [{ attachmentId: id, ...sign({ id, hasThumbnail: attachment.thumbnailKey !== undefined }) }];
    });
  },
});
