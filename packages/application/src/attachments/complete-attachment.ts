import { Attachment, attachmentErrors } from '@coucou/domain/attachments/attachment';
import type { AttachmentId } from '@coucou/domain/kernel/ids';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { keepPorts, keepUpload } from './keep-upload.ts';
import { ownAttachment } from './reserve.ts';

export type CompletedAttachment = Readonly<{ attachment: Attachment; before: boolean }>;

/**
 * Checks what arrived and makes it usable. The client can still write to the upload key, so what is checked is a copy that
 * only this server can write. While nothing, or less than announced, has arrived, the upload may be repeated.
 */
export const completeAttachment = useCase({
  name: 'attachments.complete',
  deps: keepPorts,
  async run(ports, { attachmentId }: Readonly<{ attachmentId: AttachmentId }>, call): Promise<CompletedAttachment> {
    const attachment = await ownAttachment(ports, attachmentId, call);
    if (attachment.status === 'ready') return { attachment, before: true };
    return { attachment: await ports.running.complete(attachmentId, () => complete(ports, attachment, call)), before: false };
  },
});

async function complete(ports: Ports<typeof keepPorts>, attachment: Attachment, { account }: UserCall): Promise<Attachment> {
  const { uploadKey, size: announced } = attachment;
  if (uploadKey === undefined || !Attachment.mayComplete(attachment, ports.clock.now())) throw attachmentErrors.ATTACHMENT_NOT_FOUND();
  const arrived = await ports.files.head(uploadKey);
  const bytes = arrived?.size === announced ? await ports.files.get(uploadKey) : undefined;
  if (bytes === undefined) throw attachmentErrors.ATTACHMENT_INCOMPLETE({ announced, received: arrived?.size ?? 0 });
  const sealed = ports.files.newKey(account);
  const size = await ports.files.put(sealed, bytes, { maxBytes: announced });
  if (size !== announced) {
    await ports.files.delete([sealed]);
    throw attachmentErrors.ATTACHMENT_INCOMPLETE({ announced, received: size });
  }
  return keepUpload(ports, attachment, sealed);
}
