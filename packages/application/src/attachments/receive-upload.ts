import { Attachment, attachmentErrors } from '@coucou/domain/attachments/attachment';
import { errors } from '@coucou/domain/kernel/errors';
import type { AccountId, AttachmentId } from '@coucou/domain/kernel/ids';
import { publicUseCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { type Bytes, FileStore } from '../ports/file-store.ts';
import { type Cancel, RunningUploads } from '../ports/running-uploads.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UploadGrants } from '../ports/upload-targets.ts';
import { Attachments } from './repositories.ts';

export type ReceiveUpload = Readonly<{
  attachmentId: AttachmentId;
  grant: string;
  /** The account named by the request's client key or token, in addition to the grant. */
  named: AccountId | undefined;
  body: Bytes;
  cancel: Cancel;
  confirm: () => Promise<void>;
}>;

/**
 * The local disk's counterpart of a presigned S3 form. The grant is the only authorisation: it names the account,
 * the key and the size, and its bearer may send this one file. An account or a person named otherwise is refused when they are not
 * the grant's. The file counts once it is completed.
 */
export const receiveUpload = publicUseCase({
  name: 'attachments.receive',
  deps: { uow: unitOfWork({ attachments: Attachments }), clock: Clock, files: FileStore, grants: UploadGrants, running: RunningUploads },
  async run({ uow, clock, files, grants, running }, input: ReceiveUpload, call): Promise<void> {
    const { attachmentId, grant, named, body, cancel, confirm } = input;
    const expected = grants.verify(grant, attachmentId);
    if (expected === undefined) throw errors.FORBIDDEN({ reason: 'grant' });
    if (named !== undefined && named !== expected.account) throw errors.FORBIDDEN({ reason: 'account' });
    const attachment = await uow.read(expected.account, (tx) => tx.attachments.lookup(attachmentId));
    if (attachment === undefined || !Attachment.mayComplete(attachment, clock.now())) throw attachmentErrors.ATTACHMENT_NOT_FOUND();
    if (call.actor !== undefined && call.actor.userId !== attachment.ownerId) throw errors.FORBIDDEN({ reason: 'owner' });
    await running.receive(attachmentId, cancel, async () => {
      await files.put(expected.key, body, { maxBytes: expected.maxBytes });
      try {
        await confirm();
      } catch (error) {
        await files.delete([expected.key]);
        throw error;
      }
    });
  },
});
