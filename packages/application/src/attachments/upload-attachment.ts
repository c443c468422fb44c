import { type Attachment, attachmentErrors } from '@coucou/domain/attachments/attachment';
import { errors } from '@coucou/domain/kernel/errors';
import { useCase } from '../kernel/use-case.ts';
import type { Bytes } from '../ports/file-store.ts';
import { keepPorts, keepUpload } from './keep-upload.ts';
import { discard, reserve } from './reserve.ts';

export type UploadAttachment = Readonly<{
  name: string;
  /** Upper bound of the body's size. */
  mostBytes: number;
  body: Bytes;
  /** Called when the body has ended: throws when the form around it is invalid. */
  confirm: () => Promise<void>;
}>;

/** Uploads a file with the call itself. A failure leaves neither row nor file. */
export const uploadAttachment = useCase({
  name: 'attachments.upload',
  deps: keepPorts,
  async run(ports, { name, mostBytes, body, confirm }: UploadAttachment, call): Promise<Attachment> {
    const { maxBytes } = ports.settings;
    const attachment = await reserve(ports, { name, size: Math.min(mostBytes, maxBytes) }, call);
    try {
      const { uploadKey } = attachment;
      if (uploadKey === undefined) throw attachmentErrors.ATTACHMENT_INCOMPLETE();
      const size = await ports.files.put(uploadKey, body, { maxBytes: attachment.size });
      await confirm();
      if (size === 0) throw errors.VALIDATION_FAILED([{ path: ['file'], rule: 'too_small', message: 'The file must not be empty.' }]);
      return await keepUpload(ports, attachment, uploadKey);
    } catch (error) {
      await discard(ports, attachment).catch(() => {});
      throw error;
    }
  },
});
