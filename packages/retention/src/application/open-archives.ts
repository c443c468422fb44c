import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { type Bytes, FileStore } from '@coucou/application/ports/file-store';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { retentionActions } from '../domain/audit-actions.ts';
import { type Archive, type ArchiveId, retentionErrors } from '../domain/retention.ts';
import { RetentionArchives } from './retention-repository.ts';

const uow = unitOfWork({ archives: RetentionArchives, auditLog: AuditLog });

export type ListArchives = Readonly<{ conversationId?: ConversationId | undefined; limit: number; cursor?: string | undefined }>;
type OfArchive = Readonly<{ archiveId: ArchiveId }>;

const named = ({ id, conversationId, firstSeq, lastSeq }: Archive) => ({
  target: id,
  details: { conversationId, firstSeq, lastSeq },
});

export const listArchives = adminUseCase({
  name: 'admin.listArchives',
  deps: { uow },
  run: ({ uow: { read } }, { conversationId, limit, cursor }: ListArchives, { account }) =>
    read(account, (tx) => tx.archives.list(conversationId, { limit, cursor })),
});

/** The file as it was written. That it was downloaded is in the log before. */
export const downloadArchive = adminUseCase({
  name: 'admin.downloadArchive',
  deps: { uow, files: FileStore, ...auditPorts },
  async run(
    { uow: { write }, files, ...ports },
    { archiveId }: OfArchive,
    call,
  ): Promise<Readonly<{ name: string; type: string; body: Bytes }>> {
    const archive = await write(call.account, async (tx) => {
      const found = await tx.archives.lookup(archiveId);
      if (found === undefined) throw retentionErrors.ARCHIVE_NOT_FOUND();
      await recordAudit(ports, tx, call, retentionActions.archive_downloaded, named(found));
      return found;
    });
    const body = await files.get(archive.key);
    if (body === undefined) throw retentionErrors.ARCHIVE_NOT_FOUND();
    return {
      name: `messages-${archive.conversationId}-${archive.firstSeq}-${archive.lastSeq}.ndjson`,
      type: 'application/x-ndjson',
      body,
    };
  },
});

/** The file goes first: one that could not be deleted is still listed, and the call can be repeated. */
export const deleteArchive = adminUseCase({
  name: 'admin.deleteArchive',
  deps: { uow, files: FileStore, ...auditPorts },
  async run({ uow: { read, write }, files, ...ports }, { archiveId }: OfArchive, call): Promise<void> {
    const { account } = call;
    const archive = await read(account, (tx) => tx.archives.lookup(archiveId));
    if (archive === undefined) throw retentionErrors.ARCHIVE_NOT_FOUND();
    await files.delete([archive.key]);
    await write(account, async (tx) => {
      if ((await tx.archives.lookup(archiveId)) === undefined) throw retentionErrors.ARCHIVE_NOT_FOUND();
      await tx.archives.remove([archiveId]);
      await recordAudit(ports, tx, call, retentionActions.archive_deleted, named(archive));
    });
  },
});
