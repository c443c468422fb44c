import { createHmac, createSecretKey, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@coucou/application/ports/clock';
import type { FileUrls, FileVariant, FileViewer, SignFile } from '@coucou/application/ports/file-urls';
import { asId } from '@coucou/domain/kernel/ids';

export type FileUrlsOptions = Readonly<{
  /** The server's secret, the same on all nodes. */
  secret: string;
  /** Base URL for clients; without it URLs are relative, never derived from the `Host` header. */
  publicUrl: string | undefined;
  clock: Clock;
}>;

/** URLs change with the slot, so that a browser finds in its cache what it loaded a moment ago. */
const SLOT_SECONDS = 300;
/** After the end of its slot: a URL lives for 10 to 15 minutes. */
const GRACE_SECONDS = 600;

const ID = 16;
/** Where what stands in a token: three ids of the viewer, expiry, file, variant, tag. */
const EXPIRES = 3 * ID;
const FILE = EXPIRES + 4;
const VARIANT = FILE + ID;
const TAG = VARIANT + 1;
/** 128 bits, as in HMAC-SHA-256-128 (RFC 4868). */
const TAG_BYTES = 16;
const BYTES = TAG + TAG_BYTES;

const variants: readonly FileVariant[] = ['file', 'thumbnail'];

const bytesOf = (id: string): string => id.replaceAll('-', '');
const idAt = (bytes: Buffer, at: number): string =>
  bytes.toString('hex', at, at + ID).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/**
 * Signed URLs of files: account, person, session, expiry, file, variant and a tag, as one opaque segment of the path. Nothing is encrypted: the
 * ids are those of the viewer, who knows them. A page signs a hundred URLs, so one HMAC signs both of a file: each half is the tag of one.
 */
export function createFileUrls({ secret, publicUrl = '', clock }: FileUrlsOptions): FileUrls {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'coucou:file-urls', 32)));
  const tagsOf = (token: Buffer): readonly Buffer[] => {
    const both = createHmac('sha256', key).update(token.subarray(0, VARIANT)).digest();
    return variants.map((_, at) => both.subarray(at * TAG_BYTES, (at + 1) * TAG_BYTES));
  };
  const base = `${publicUrl}/api/v1/files/`;
  const now = (): number => Math.floor(clock.now().getTime() / 1000);

  const prepare = ({ account, actor }: FileViewer): SignFile => {
    const expires = Math.floor(now() / SLOT_SECONDS + 1) * SLOT_SECONDS + GRACE_SECONDS;
    const expiresAt = new Date(expires * 1000).toISOString();
    const token = Buffer.alloc(BYTES);
    token.write(bytesOf(account) + bytesOf(actor.userId) + bytesOf(actor.sessionId), 0, 'hex');
    token.writeUInt32BE(expires, EXPIRES);
    const withTag = (variant: number, tag: Buffer | undefined): string => {
      token[VARIANT] = variant;
      tag?.copy(token, TAG);
      return base + token.toString('base64url');
    };
    return ({ id, hasThumbnail }) => {
      token.write(bytesOf(id), FILE, 'hex');
      const [file, thumbnail] = tagsOf(token);
      return { url: withTag(0, file), thumbnailUrl: hasThumbnail ? withTag(1, thumbnail) : undefined, expiresAt };
    };
  };

  return {
    signerFor(viewer) {
      let sign: SignFile | undefined;
      // Most answers show no file: nothing is prepared before the first.
      return (file) => (sign ??= prepare(viewer))(file);
    },

    verify(signed) {
      const token = Buffer.from(signed, 'base64url');
      // Decoding ignores characters outside the alphabet, so one token would have many spellings.
      if (token.length !== BYTES || token.toString('base64url') !== signed) return undefined;
      const at = token[VARIANT] ?? -1;
      const [variant, tag] = [variants[at], tagsOf(token)[at]];
      if (variant === undefined || tag === undefined || !timingSafeEqual(tag, token.subarray(TAG))) return undefined;
      if (token.readUInt32BE(EXPIRES) <= now()) return undefined;
      return {
        account: asId(idAt(token, 0)),
        actor: { userId: asId(idAt(token, ID)), sessionId: asId(idAt(token, 2 * ID)) },
        attachmentId: asId(idAt(token, FILE)),
        variant,
      };
    },
  };
}
