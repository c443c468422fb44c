import { Attachment, attachmentErrors } from '@coucou/domain/attachments/attachment';
import { errors } from '@coucou/domain/kernel/errors';
import type { AttachmentId } from '@coucou/domain/kernel/ids';
import { publicUseCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { type Bytes, FileStore } from '../ports/file-store.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UploadGrants } from '../ports/upload-targets.ts';
import { Attachments } from './repositories.ts';

export type ReceiveUpload = Readonly<{ attachmentId: AttachmentId; grant: string; body: Bytes; confirm: () => Promise<void> }>;

/**
 * The local disk's counterpart of a presigned S3 form. The grant is the only authorisation: it names the account,
 * the key and the size, and its bearer may send this one file. The file counts once it is completed.
 */
export const receiveUpload = publicUseCase({
  name: 'attachments.receive',
  deps: { uow: unitOfWork({ attachments: Attachments }), clock: Clock, files: FileStore, grants: UploadGrants },
  async run({ uow, clock, files, grants }, { attachmentId, grant, body, confirm }: ReceiveUpload): Promise<void> {
    const expected = grants.verify(grant, attachmentId);
    if (expected === undefined) throw errors.FORBIDDEN({ reason: 'grant' });
    const attachment = await uow.read(expected.account, (tx) => tx.attachments.lookup(attachmentId));
    if (attachment === undefined || !Attachment.mayComplete(attachment, clock.now())) throw attachmentErrors.ATTACHMENT_NOT_FOUND();
    await files.put(expected.key, body, { maxBytes: expected.maxBytes });
    try {
      await confirm();
    } catch (error) {
      await files.delete([expected.key]);
      throw error;
    }
  },
});
