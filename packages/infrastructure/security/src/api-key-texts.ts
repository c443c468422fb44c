import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ApiKeyTexts } from '@coucou/application/ports/programs';
import { asId } from '@coucou/domain/kernel/ids';

/** What every key begins with: for scanners of leaked secrets, and to tell it from other bearer tokens. */
export const API_KEY_PREFIX = 'ck_';

// Letters and digits alone: a double click selects the whole key.
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RADIX = BigInt(ALPHABET.length);

/** Account, key, secret. */
const BYTES = { account: 16, id: 16, secret: 32 };
const LENGTH = BYTES.account + BYTES.id + BYTES.secret;
/** Digits for 512 bits, and for the 32 of the checksum. */
const DIGITS = { content: 86, checksum: 6 };
const FORM = new RegExp(`^${API_KEY_PREFIX}[0-9A-Za-z]{${DIGITS.content + DIGITS.checksum}}$`);

function digits(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= RADIX) text = ALPHABET.charAt(Number(rest % RADIX)) + text;
  return text;
}

const valueOf = (text: string): bigint => [...text].reduce((value, digit) => value * RADIX + BigInt(ALPHABET.indexOf(digit)), 0n);

const checksum = (text: string): string => digits(BigInt(crc32(text)), DIGITS.checksum);

const bytesOf = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');
const uuidOf = (bytes: Buffer): string => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** API keys as text, in the manner of GitHub's: a prefix, base 62, and a CRC-32 as the last six digits. */
export const apiKeyTexts: ApiKeyTexts = {
  issue({ account, id }) {
    const content = Buffer.concat([bytesOf(account), bytesOf(id), randomBytes(BYTES.secret)]);
    const body = `${API_KEY_PREFIX}${digits(BigInt(`0x${content.toString('hex')}`), DIGITS.content)}`;
    const text = body + checksum(body);
    return { text, hash: sha256(text) };
  },

  open(text) {
    if (!FORM.test(text)) return undefined;
    const body = text.slice(0, -DIGITS.checksum);
    if (text !== body + checksum(body)) return undefined;
    const hex = valueOf(body.slice(API_KEY_PREFIX.length)).toString(16);
    if (hex.length > 2 * LENGTH) return undefined;
    const content = Buffer.from(hex.padStart(2 * LENGTH, '0'), 'hex');
    const idAt = BYTES.account;
    const account = asId<'account'>(uuidOf(content.subarray(0, idAt)));
    return { account, id: asId(uuidOf(content.subarray(idAt, idAt + BYTES.id))), hash: sha256(text) };
  },
};
