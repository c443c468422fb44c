import { randomBytes, scryptSync } from 'node:crypto';
import argon2 from 'argon2';
import bcrypt from 'bcrypt';
import { describe, expect, it } from 'vitest';
import { importedHashes } from './imported-hashes.ts';
import { createPasswordHasher } from './password-hasher.ts';

const password = 'pässwörd of another system';
const salt = randomBytes(16);
const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
const scrypted = (N: number, r = 8, p = 1, by: Buffer | string = salt) => scryptSync(password, by, 32, { N, r, p, maxmem: 2 ** 29 });

const good: Readonly<Record<string, () => string | Promise<string>>> = {
  argon2id: () => argon2.hash(password, { type: argon2.argon2id, memoryCost: 8_192, timeCost: 3 }),
  argon2i: () => argon2.hash(password, { type: argon2.argon2i, memoryCost: 4_096, timeCost: 3 }),
  'bcrypt 2b': () => bcrypt.hash(password, 5),
  'bcrypt of PHP': async () => (await bcrypt.hash(password, 5)).replace('$2b$', '$2y$'),
  'scrypt of passlib': () => `$scrypt$ln=10,r=8,p=1$${base64(salt)}$${base64(scrypted(2 ** 10))}`,
  'scrypt of Werkzeug': () => `scrypt:1024:8:1$saltOfText$${scrypted(1_024, 8, 1, 'saltOfText').toString('hex')}`,
};

describe.each(Object.entries(good))('a hash by %s', (_, make) => {
  it('is accepted, verified, and hashed anew at a login', async () => {
    const hasher = createPasswordHasher({ concurrency: 2 });
    const kept = importedHashes.accept(await make());
    if (kept === undefined) throw new Error('it was not accepted');
    expect(await hasher.verify(password, kept, '')).toBe(true);
    expect(await hasher.verify(`${password}!`, kept, '')).toBe(false);
    expect(hasher.needsRehash(kept)).toBe(true);
  });
});

describe('a hash', () => {
  it('of a password that was not normalised is verified as it was typed', async () => {
    const hasher = createPasswordHasher({ concurrency: 2 });
    const decomposed = 'pa\u0308ssword';
    const kept = importedHashes.accept(await bcrypt.hash(decomposed, 4)) ?? '';
    expect(await hasher.verify(decomposed, kept, '')).toBe(true);
    expect(await hasher.verify(decomposed.normalize('NFC'), kept, '')).toBe(false);
  });

  it.each([
    '',
    'password',
    '5f4dcc3b5aa765d61d8327deb882cf99',
    '$1$salt$qJH7.N4xYta3aEG/dfqo/0',
    // As much memory as a machine has, as many passes as a day.
    '$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27Ew',
    '$argon2id$v=19$m=131072,t=99,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27Ew',
    '$argon2id$v=19$m=131072,t=8,p=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27Ew',
    '$argon2id$v=19$m=64,t=1,p=64$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27Ew',
    '$argon2id$v=19$m=8192,m=8192,t=1$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27Ew',
    '$argon2id$v=19$m=0,t=0,p=0$c29tZXNhbHRzb21lc2FsdA$RdescudvJCsgt3ub+b27Ew',
    '$2b$31$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234',
    '$2b$03$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234',
    '$scrypt$ln=30,r=8,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b27EwRdescudvJCsgt3ub',
    '$scrypt$ln=15,r=99,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b27EwRdescudvJCsgt3ub',
    '$scrypt$ln=15,r=8,p=99$c29tZXNhbHQ$RdescudvJCsgt3ub+b27EwRdescudvJCsgt3ub',
    // No such function: N has to be below 2^(16 r).
    '$scrypt$ln=17,r=1,p=1$c29tZXNhbHQ$RdescudvJCsgt3ub+b27EwRdescudvJCsgt3ub',
    'scrypt:65536:1:1$salt$5f4dcc3b5aa765d61d8327deb882cf99',
    'scrypt:1000:8:1$salt$5f4dcc3b5aa765d61d8327deb882cf99',
    'scrypt:8388608:8:1$salt$5f4dcc3b5aa765d61d8327deb882cf99',
  ])('like %j is refused', (hash) => {
    expect(importedHashes.accept(hash)).toBeUndefined();
  });
});
