import { createDecipheriv, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSealers } from './sealer.ts';

const sealer = createSealers('a secret')('tests');

/** In the words of the cipher, which are Node's. */
const broken = /unable to authenticate|Invalid (authentication tag|initialization vector)/;

describe('the sealer', () => {
  it.each(['', 'text', '{"json": true}', 'é 😀 \u0000', 'x'.repeat(10_000)])('opens what it sealed', (plain) => {
    expect(sealer.open(sealer.seal(plain))).toBe(plain);
  });

  it('derives its keys as HKDF does', () => {
    const key = Buffer.from(hkdfSync('sha256', 'a secret', '', 'coucou:tests', 32));
    const bytes = Buffer.from(sealer.seal('text'), 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(12, 28));
    expect(decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8')).toBe('text');
  });

  it('seals the same differently each time, in characters that go anywhere', () => {
    const sealed = [sealer.seal('text'), sealer.seal('text')];
    expect(new Set(sealed).size).toBe(2);
    for (const each of sealed) expect(each).toMatch(/^[\w-]+$/);
  });

  it('opens nothing that was sealed under another secret or for another purpose', () => {
    const sealed = sealer.seal('text');
    expect(() => createSealers('another secret')('tests').open(sealed)).toThrow(broken);
    expect(() => createSealers('a secret')('something else').open(sealed)).toThrow(broken);
    expect(createSealers('a secret')('tests').open(sealed)).toBe('text');
  });

  it('opens nothing that was changed in any byte', () => {
    const bytes = Buffer.from(sealer.seal('text'), 'base64url');
    for (const [index, byte] of bytes.entries()) {
      const changed = Buffer.from(bytes);
      changed[index] = byte ^ 1;
      expect(() => sealer.open(changed.toString('base64url'))).toThrow(broken);
    }
  });

  it('opens nothing that was cut short, though part of the proof be left', () => {
    const bytes = Buffer.from(sealer.seal(''), 'base64url');
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => sealer.open(bytes.subarray(0, length).toString('base64url'))).toThrow(broken);
  });
});
