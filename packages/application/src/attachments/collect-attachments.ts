import { Attachment, attachmentAges, type FileKey } from '@coucou/domain/attachments/attachment';
import { type AccountId, asId, type AttachmentId } from '@coucou/domain/kernel/ids';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import { job } from '../kernel/job.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { FileStore, type StoredFile } from '../ports/file-store.ts';
import { RunningUploads } from '../ports/running-uploads.ts';
import type { Stopping } from '../ports/schedules.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Attachments } from './repositories.ts';

export const collectPorts = { uow: unitOfWork({ attachments: Attachments }), clock: Clock, files: FileStore, running: RunningUploads };
type CollectPorts = Ports<typeof collectPorts>;

export type CollectOptions = Readonly<{
  /** Also looks for files that no row names. */
  files: boolean;
  /** Also looks for rows whose file is gone; asks the store once per file. */
  rows: boolean;
  /** Says what would be done, and does nothing. */
  dryRun: boolean;
  /** Ends early, behind the batch that is under way; absent: never. */
  stopping?: Stopping;
}>;

export type Collected = Readonly<{
  /** Rows removed with their files: abandoned uploads, and files that no message uses. */
  expired: number;
  /** Files that no row named. */
  strayFiles: number;
  /** Attachments whose file is missing from the store; not repairable here. */
  lost: readonly AttachmentId[];
}>;

const BATCH = 200;

/**
 * Reconciles rows and files. May run on several nodes at once and be interrupted at any point: a row is removed before its files,
 * and a file that no row names is left alone until no upload can still be about to name it.
 */
export async function collectAttachments(ports: CollectPorts, options: CollectOptions): Promise<Collected> {
  const accounts = await ports.uow.system('files', (tx) => tx.listAccounts());
  let expired = 0;
  const lost: AttachmentId[] = [];
  for (const account of accounts) {
    if (options.stopping?.aborted) break;
    expired += await collectExpired(ports, account, options);
    if (options.rows) lost.push(...(await findLost(ports, account)));
  }
  const strayFiles = options.files ? await collectStray(ports, new Set(accounts), options) : 0;
  return { expired, strayFiles, lost };
}

/** Asking the store for each file is left to the operator's command. */
export const collectUnused = job({
  name: 'attachments.collect',
  everyMs: 600_000,
  deps: collectPorts,
  async run(ports, stopping) {
    const { expired, strayFiles } = await collectAttachments(ports, { files: true, rows: false, dryRun: false, stopping });
    return { expired, strayFiles };
  },
});

async function collectExpired(
  { uow, clock, files, running }: CollectPorts,
  account: AccountId,
  { dryRun, stopping }: CollectOptions,
): Promise<number> {
  const now = clock.now();
  const filter = {
    pendingBefore: addSeconds(now, -attachmentAges.uploadSeconds),
    unusedBefore: addSeconds(now, -attachmentAges.unusedSeconds),
  };
  if (dryRun) return uow.read(account, (tx) => tx.attachments.countExpired(filter));
  let expired = 0;
  for (;;) {
    const removed = await uow.write(account, (tx) => tx.attachments.removeExpired({ ...filter, limit: BATCH }));
    running.abandon(removed.map(({ id }) => id));
    await files.delete(removed.flatMap(Attachment.keysOf));
    expired += removed.length;
    if (removed.length < BATCH || stopping?.aborted) return expired;
  }
}

async function findLost({ uow, files }: CollectPorts, account: AccountId): Promise<AttachmentId[]> {
  const lost: AttachmentId[] = [];
  let after: AttachmentId | undefined;
  for (;;) {
    const page = await uow.read(account, (tx) => tx.attachments.listReady(after, BATCH));
    for (const attachment of page) {
      for (const key of Attachment.keysOf(attachment)) {
        if ((await files.head(key)) !== undefined) continue;
        lost.push(attachment.id);
        break;
      }
    }
    after = page.at(-1)?.id;
    if (page.length < BATCH) return lost;
  }
}

async function collectStray(
  { uow, clock, files }: CollectPorts,
  accounts: ReadonlySet<AccountId>,
  { dryRun, stopping }: CollectOptions,
): Promise<number> {
  const youngest = addSeconds(clock.now(), -attachmentAges.uploadSeconds);
  const waiting = new Map<AccountId, FileKey[]>();
  let stray = 0;
  const judge = async (account: AccountId, keys: readonly FileKey[]): Promise<void> => {
    const known = accounts.has(account) ? await uow.read(account, (tx) => tx.attachments.knownKeys(keys)) : new Set<FileKey>();
    const unknown = keys.filter((key) => !known.has(key));
    stray += unknown.length;
    if (!dryRun) await files.delete(unknown);
  };
  for await (const file of files.list()) {
    if (stopping?.aborted) return stray;
    if (!isPast(file.modifiedAt, youngest)) continue;
    const account = accountOf(file);
    const keys = [...(waiting.get(account) ?? []), file.key];
    waiting.set(account, keys);
    if (keys.length < BATCH) continue;
    waiting.delete(account);
    await judge(account, keys);
  }
  for (const [account, keys] of waiting) await judge(account, keys);
  return stray;
}

const accountOf = ({ key }: StoredFile): AccountId => asId<'account'>(key.split('/', 1)[0] ?? '');
