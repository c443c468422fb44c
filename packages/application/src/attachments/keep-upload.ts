import { Attachment, attachmentErrors, type FileKey, type KeptFile } from '@coucou/domain/attachments/attachment';
import { MediaType } from '@coucou/domain/attachments/media-type';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Ports } from '../kernel/token.ts';
import { FileScreen } from '../ports/file-screen.ts';
import type { ByteRange, Bytes, StoredFile } from '../ports/file-store.ts';
import { discard, reservePorts } from './reserve.ts';

export const keepPorts = { ...reservePorts, screen: FileScreen };
type KeepPorts = Ports<typeof keepPorts>;

/**
 * Makes a pending attachment ready from a file that only this server can write, so that what is checked is what is kept. A refusal
 * abandons the attachment, and nothing of it stays.
 */
export async function keepUpload(ports: KeepPorts, attachment: Attachment, sealed: FileKey): Promise<Attachment> {
  const made: FileKey[] = [];
  try {
    const kept = await screened(ports, attachment, sealed, made);
    const ready = await finish(ports, attachment, kept);
    const stays = new Set(Attachment.keysOf(ready));
    const spent = [...new Set([sealed, ...made, ...Attachment.keysOf(attachment)])].filter((key) => !stays.has(key));
    // Best effort: leftovers are found by the reconciler.
    await ports.files.delete(spent).catch(() => {});
    return ready;
  } catch (error) {
    await ports.files.delete([...made, ...(sealed === attachment.uploadKey ? [] : [sealed])]).catch(() => {});
    if (isRefusal(error)) await discard(ports, attachment).catch(() => {});
    throw error;
  }
}

/** Errors worth a retry: an upload that the server could not process now may be completed later. */
const isRefusal = (error: unknown): boolean => error instanceof ChatError && error.kind !== 'unavailable' && error.kind !== 'internal';

async function screened(
  { files, screen, settings }: KeepPorts,
  { accountId, ownerId }: Attachment,
  sealed: FileKey,
  made: FileKey[],
): Promise<KeptFile> {
  const found = await files.head(sealed);
  if (found === undefined || found.size === 0) throw attachmentErrors.ATTACHMENT_INCOMPLETE({ received: 0 });
  const head = await files.get(sealed, { start: 0, end: Math.min(found.size, screen.headBytes) - 1 });
  if (head === undefined) throw attachmentErrors.ATTACHMENT_INCOMPLETE({ received: 0 });
  const type = await screen.identify(await whole(head));
  Attachment.requireType(type);
  if (!MediaType.isImage(type)) {
    const storageKey = await cleaned({ files, screen }, accountId, found, type, made);
    return { type, size: found.size, width: undefined, height: undefined, storageKey, thumbnail: undefined };
  }

  const original = async (): Promise<Uint8Array> => {
    const bytes = await files.get(sealed);
    if (bytes === undefined) throw attachmentErrors.ATTACHMENT_INCOMPLETE({ received: 0 });
    return whole(bytes);
  };
  const { body, width, height, thumbnail } = await screen.reencode(original, type, ownerId);
  // Re-encoded, it may be larger than what was sent.
  if (body.byteLength > settings.maxBytes) throw errors.PAYLOAD_TOO_LARGE({ limit: settings.maxBytes });
  const put = async (bytes: Uint8Array): Promise<FileKey> => {
    const key = files.newKey(accountId);
    made.push(key);
    await files.put(key, once(bytes), { maxBytes: bytes.byteLength });
    return key;
  };
  const storageKey = await put(body);
  return { type, size: body.byteLength, width, height, storageKey, thumbnail: { key: await put(thumbnail), size: thumbnail.byteLength } };
}

/** The file itself, or a copy of it without what its container tells. */
async function cleaned(
  { files, screen }: Pick<KeepPorts, 'files' | 'screen'>,
  account: AccountId,
  { key, size }: StoredFile,
  type: string,
  made: FileKey[],
): Promise<FileKey> {
  const get = async (range?: ByteRange): Promise<Bytes> => {
    const bytes = await files.get(key, range);
    if (bytes === undefined) throw attachmentErrors.ATTACHMENT_INCOMPLETE({ received: 0 });
    return bytes;
  };
  const read = async (start: number, end: number) => whole(await get({ start, end: end - 1 }));
  const clean = await screen.clean({ size, read }, type);
  if (clean === undefined) return key;
  const copy = files.newKey(account);
  made.push(copy);
  await files.put(copy, clean(await get()), { maxBytes: size });
  return copy;
}

/** A concurrent completion finds it ready; its own copy is a leftover. */
const finish = ({ uow, settings }: KeepPorts, { accountId, ownerId, id }: Attachment, kept: KeptFile): Promise<Attachment> =>
  uow.write(accountId, async (tx) => {
    const used = await tx.attachments.lockUsage(ownerId);
    const current = await tx.attachments.lock(id);
    if (current === undefined) throw attachmentErrors.ATTACHMENT_NOT_FOUND();
    if (current.status === 'ready') return current;
    const ready = Attachment.finish(current, kept, used, settings);
    await tx.attachments.update(ready);
    return ready;
  });

async function* once(bytes: Uint8Array): Bytes {
  yield bytes;
}

async function whole(bytes: Bytes): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}
