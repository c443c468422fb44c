import { Attachment } from '@coucou/domain/attachments/attachment';
import { useCase } from '../kernel/use-case.ts';
import { UploadTargets, type UploadTarget } from '../ports/upload-targets.ts';
import { discard, reserve, reservePorts } from './reserve.ts';

export type CreateAttachment = Readonly<{ name: string; size: number }>;
export type CreatedAttachment = Readonly<{ attachment: Attachment; upload: UploadTarget | undefined }>;

/** Announces a file and answers the upload target: the store itself where it accepts uploads from clients, else this server. */
export const createAttachment = useCase({
  name: 'attachments.create',
  deps: { ...reservePorts, targets: UploadTargets },
  async run(ports, { name, size }: CreateAttachment, call): Promise<CreatedAttachment> {
    const attachment = await reserve(ports, { name, size }, call);
    const { accountId: account, id: attachmentId, uploadKey: key } = attachment;
    if (key === undefined) return { attachment, upload: undefined };
    try {
      const upload = await ports.targets.issue({
        account,
        attachmentId,
        key,
        maxBytes: size,
        expiresAt: Attachment.uploadEnds(attachment),
      });
      return { attachment, upload };
    } catch (error) {
      await discard(ports, attachment).catch(() => {});
      throw error;
    }
  },
});
