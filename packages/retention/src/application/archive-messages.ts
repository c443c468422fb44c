import type { Clock } from '@coucou/application/ports/clock';
import type { FileStore } from '@coucou/application/ports/file-store';
import type { Ids } from '@coucou/application/ports/ids';
import type { Stopping } from '@coucou/application/ports/schedules';
import type { UnitOfWork } from '@coucou/application/ports/unit-of-work';
import type { AccountId, ConversationId } from '@coucou/domain/kernel/ids';
import type { Archive, ArchiveId } from '../domain/retention.ts';
import type { ArchiveRepository, Pacing, TrimRepository } from './retention-repository.ts';

type ArchivePorts = Readonly<{
  uow: UnitOfWork<Readonly<{ archives: ArchiveRepository; trims: TrimRepository }>>;
  files: FileStore;
  pacing: Pacing;
  clock: Clock;
  ids: Ids;
}>;
type Place = Readonly<{ account: AccountId; conversationId: ConversationId }>;

/** Messages read at once; what waits in memory. */
const PAGE = 250;
/** Where a file ends, whichever comes first. */
const MOST_MESSAGES = 10_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** What a page may add to a file that was not full before it; a guard, not a limit that is met. */
const CEILING = 1024 * 1024 * 1024;

/**
 * Writes these messages to the file store, and answers the files, pending. A row is there before its file, so that no file is without one.
 * Undefined when the work is to stop, or a hold begins.
 */
export async function writeArchives(
  ports: ArchivePorts,
  place: Place,
  firstSeq: number,
  upTo: number,
  stopping: Stopping,
): Promise<readonly ArchiveId[] | undefined> {
  const ids: ArchiveId[] = [];
  for (let from = firstSeq; from <= upTo; ) {
    if (stopping.aborted || (await isHeld(ports, place))) return undefined;
    const written = await writeArchive(ports, place, from, upTo);
    ids.push(written.id);
    from = written.lastSeq + 1;
  }
  return ids;
}

const isHeld = async ({ uow, clock }: ArchivePorts, { account, conversationId }: Place): Promise<boolean> =>
  (await uow.read(account, (tx) => tx.trims.plan(conversationId, clock.now())))?.held ?? true;

async function writeArchive(ports: ArchivePorts, { account, conversationId }: Place, firstSeq: number, upTo: number): Promise<Archive> {
  const { uow, files, clock, ids } = ports;
  const begun: Archive = {
    accountId: account,
    id: ids.next(),
    conversationId,
    firstSeq,
    lastSeq: upTo,
    messages: 0,
    bytes: 0,
    key: files.newKey(account, 'archive'),
    createdAt: clock.now(),
  };
  await uow.write(account, (tx) => tx.archives.add(begun));
  const written = { lastSeq: firstSeq - 1, messages: 0 };
  const bytes = await files.put(begun.key, linesOf(ports, begun, written), { maxBytes: CEILING });
  const archive = { ...begun, ...written, bytes };
  await uow.write(account, (tx) => tx.archives.update(archive));
  return archive;
}

async function* linesOf(
  { uow, pacing }: ArchivePorts,
  { accountId, conversationId, lastSeq: upTo }: Archive,
  written: { lastSeq: number; messages: number },
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (let bytes = 0; bytes < MOST_BYTES && written.messages < MOST_MESSAGES && written.lastSeq < upTo; ) {
    const page = await pacing.paced(() => uow.read(accountId, (tx) => tx.trims.lines(conversationId, written.lastSeq, upTo, PAGE)));
    const last = page.at(-1);
    if (last === undefined) {
      written.lastSeq = upTo;
      return;
    }
    const chunk = encoder.encode(page.map(({ line }) => `${line}\n`).join(''));
    bytes += chunk.byteLength;
    written.messages += page.length;
    written.lastSeq = last.seq;
    yield chunk;
  }
}

/** Files of messages that are not trimmed: of a run that was interrupted, or whose messages changed. */
export async function dropArchives({ uow, files }: Pick<ArchivePorts, 'uow' | 'files'>, { account, conversationId }: Place): Promise<void> {
  const pending = await uow.read(account, (tx) => tx.archives.pendingOf(conversationId));
  if (pending.length === 0) return;
  await files.delete(pending.map(({ key }) => key));
  await uow.write(account, (tx) => tx.archives.remove(pending.map(({ id }) => id)));
}
