import { Attachment } from '@coucou/domain/attachments/attachment';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { AccountId, AttachmentId, UserId } from '@coucou/domain/kernel/ids';
import { keepPorts, keepUpload } from '../attachments/keep-upload.ts';
import { discard } from '../attachments/reserve.ts';
import type { Ports } from '../kernel/token.ts';
import type { Bytes } from '../ports/file-store.ts';

export const attachmentPorts = keepPorts;

/** The bytes of a file beside the lines, and how many they are; undefined when there is none. */
export type OpenFile = (file: string) => Promise<Readonly<{ size: number; body: Bytes }> | undefined>;

export type FileOutcome = 'stored' | 'present' | 'missing' | 'refused';

/** The quota binds uploads of people, not what the operator brings. */
const NO_QUOTA = Number.MAX_SAFE_INTEGER;

/**
 * Keeps a file as an upload of its owner is kept: examined, and images made anew. `refused`: its type or size is not accepted here. Its time
 * is now: files that no message uses are collected after a day.
 */
export async function importAttachment(
  given: Ports<typeof attachmentPorts>,
  { accountId, id, ownerId, name, file }: Readonly<{ accountId: AccountId; id: AttachmentId; ownerId: UserId; name: string; file: string }>,
  open: OpenFile,
): Promise<FileOutcome> {
  const ports = { ...given, settings: { ...given.settings, quotaBytes: NO_QUOTA } };
  const known = await ports.uow.read(accountId, (tx) => tx.attachments.lookup(id));
  if (known?.status === 'ready') return 'present';
  // Left by an import that was cut off.
  if (known !== undefined) await discard(ports, known);
  const found = await open(file);
  if (found === undefined || found.size === 0) return 'missing';
  const uploadKey = ports.files.newKey(accountId);
  try {
    const attachment = await ports.uow.write(accountId, async (tx) => {
      const used = await tx.attachments.lockUsage(ownerId);
      const reserved = Attachment.reserve(
        { accountId, id, ownerId, name, size: found.size, uploadKey, now: ports.clock.now() },
        used,
        ports.settings,
      );
      await tx.attachments.add(reserved);
      return reserved;
    });
    try {
      await ports.files.put(uploadKey, found.body, { maxBytes: found.size });
      await keepUpload(ports, attachment, uploadKey);
      return 'stored';
    } catch (error) {
      await discard(ports, attachment).catch(() => {});
      throw error;
    }
  } catch (error) {
    if (error instanceof ChatError && error.kind !== 'unavailable' && error.kind !== 'internal') return 'refused';
    throw error;
  }
}
