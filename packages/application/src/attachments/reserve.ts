import { Attachment, attachmentErrors } from '@coucou/domain/attachments/attachment';
import type { AttachmentId } from '@coucou/domain/kernel/ids';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { FileStore } from '../ports/file-store.ts';
import { Ids } from '../ports/ids.ts';
import { RunningUploads } from '../ports/running-uploads.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { AttachmentSettings } from './attachment-settings.ts';
import { Attachments } from './repositories.ts';

export const reservePorts = {
  uow: unitOfWork({ attachments: Attachments }),
  clock: Clock,
  ids: Ids,
  files: FileStore,
  settings: AttachmentSettings,
  running: RunningUploads,
};

/** Reserves room in the caller's quota before a byte arrives, so that concurrent uploads cannot exceed it together. */
export function reserve(
  { uow, clock, ids, files, settings }: Ports<typeof reservePorts>,
  file: Readonly<{ name: string; size: number }>,
  call: UserCall,
): Promise<Attachment> {
  const { account, actor } = call;
  const identity = { accountId: account, id: ids.next<'attachment'>(), ownerId: actor.userId, uploadKey: files.newKey(account) };
  return uow.write(account, async (tx) => {
    const used = await tx.attachments.lockUsage(actor.userId);
    const attachment = Attachment.reserve({ ...identity, ...file, now: clock.now() }, used, settings);
    await tx.attachments.add(attachment);
    return attachment;
  });
}

/** Abandons an upload, and what is still being received of it. The row is removed first: files that a crash leaves behind are found by the reconciler. */
export async function discard(
  { uow, files, running }: Pick<Ports<typeof reservePorts>, 'uow' | 'files' | 'running'>,
  { accountId, id }: Attachment,
): Promise<void> {
  const gone = await uow.write(accountId, async (tx) => {
    const found = await tx.attachments.lock(id);
    if (found?.status !== 'pending') return undefined;
    await tx.attachments.remove(id);
    return found;
  });
  if (gone === undefined) return;
  running.abandon([id]);
  await files.delete(Attachment.keysOf(gone));
}

/** The caller's own; those of others are not found. */
export async function ownAttachment(
  { uow }: Pick<Ports<typeof reservePorts>, 'uow'>,
  id: AttachmentId,
  { account, actor }: UserCall,
): Promise<Attachment> {
  const attachment = await uow.read(account, (tx) => tx.attachments.lookup(id));
  if (attachment?.ownerId !== actor.userId) throw attachmentErrors.ATTACHMENT_NOT_FOUND();
  return attachment;
}
