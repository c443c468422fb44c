import { scrypt, timingSafeEqual } from 'node:crypto';
import type { ImportedHashes } from '@coucou/application/ports/imported-hashes';
import bcrypt from 'bcrypt';

const MIB = 1_024 * 1_024;

/** What one login may cost: 128 MiB, and a second or two of a core. */
const MOST = { memory: 128 * MIB, argon2: { passes: 10, lanes: 8, work: 512 * 1_024 }, bcryptCost: 14, scrypt: { parallel: 4 } };

const BASE64 = '[A-Za-z0-9+/]';
/** Makers differ in the order of the parameters. */
const ARGON2 = new RegExp(
  `^\\$argon2(?:id|i|d)\\$v=19\\$([mtp]=\\d{1,7}(?:,[mtp]=\\d{1,7}){2})\\$(${BASE64}{11,64})\\$(${BASE64}{21,86})$`,
);
const BCRYPT = /^\$2[aby]\$(\d\d)\$([./A-Za-z0-9]{53})$/;
/** As passlib writes it. */
const SCRYPT = new RegExp(`^\\$scrypt\\$ln=(\\d{1,2}),r=(\\d{1,2}),p=(\\d{1,2})\\$(${BASE64}{1,86})\\$(${BASE64}{21,86})$`);
/** As Werkzeug writes it: the salt is text, the hash hexadecimal. */
const WERKZEUG = /^scrypt:(\d{1,7}):(\d{1,2}):(\d{1,2})\$([A-Za-z0-9]{1,64})\$([0-9a-f]{32,128})$/;

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

/** And possible: N is below 2^(128 r / 8) (RFC 7914, 2), or every login would break. */
function isCheapScrypt(ln: number, r: number, p: number): boolean {
  return ln >= 1 && ln <= 20 && r >= 1 && ln < 16 * r && p >= 1 && p <= MOST.scrypt.parallel && 128 * 2 ** ln * r <= MOST.memory;
}

function isCheapArgon2(parameters: string): boolean {
  const of = new Map(parameters.split(',').map((each) => [each.charAt(0), Number(each.slice(2))]));
  const [m, t, p] = ['m', 't', 'p'].map((name) => of.get(name) ?? 0) as [number, number, number];
  if (t < 1 || t > MOST.argon2.passes || p < 1 || p > MOST.argon2.lanes || m < 8 * p) return false;
  return m * 1_024 <= MOST.memory && m * t <= MOST.argon2.work;
}

export const importedHashes: ImportedHashes = {
  accept(hash) {
    const [, parameters] = ARGON2.exec(hash) ?? [];
    if (parameters !== undefined) return isCheapArgon2(parameters) ? hash : undefined;
    const [, cost, rest] = BCRYPT.exec(hash) ?? [];
    // The letter tells of faults that old makers had; those of today are one algorithm.
    if (cost !== undefined && rest !== undefined)
      return Number(cost) >= 4 && Number(cost) <= MOST.bcryptCost ? `$2b$${cost}$${rest}` : undefined;
    const [, ln, r, parallel] = SCRYPT.exec(hash)?.map(Number) ?? [];
    if (ln !== undefined && r !== undefined && parallel !== undefined) return isCheapScrypt(ln, r, parallel) ? hash : undefined;
    const [, n = '', block = '', lanes = '', salt = '', hex = ''] = WERKZEUG.exec(hash) ?? [];
    const log = Math.log2(Number(n));
    if (hex === '' || !Number.isInteger(log) || hex.length % 2 === 1 || !isCheapScrypt(log, Number(block), Number(lanes))) return undefined;
    return `$scrypt$ln=${log},r=${Number(block)},p=${Number(lanes)}$${unpadded(Buffer.from(salt))}$${unpadded(Buffer.from(hex, 'hex'))}`;
  },
};

/** Verifies what was accepted, but for argon2; undefined for what is of that. */
export function verifyImported(hash: string, password: string): Promise<boolean> | undefined {
  if (BCRYPT.test(hash)) return bcrypt.compare(password, hash);
  const [, ln, r, p, salt = '', expected = ''] = SCRYPT.exec(hash) ?? [];
  if (expected === '') return undefined;
  const known = Buffer.from(expected, 'base64');
  const parameters = { N: 2 ** Number(ln), r: Number(r), p: Number(p), maxmem: 2 * MOST.memory };
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  scrypt(password, Buffer.from(salt, 'base64'), known.length, parameters, (error, derived) =>
    error === null ? resolve(timingSafeEqual(derived, known)) : reject(error),
  );
  return promise;
}
