import { describe, expect, it } from 'vitest';
import { createSealer } from './sealer.ts';

const sealer = createSealer('a secret', 'tests');

/** In the words of the cipher, which are Node's. */
const broken = /unable to authenticate|Invalid (authentication tag|initialization vector)/;

describe('the sealer', () => {
  it.each(['', 'text', '{"json": true}', 'é 😀 \u0000', 'x'.repeat(10_000)])('opens what it sealed', (plain) => {
    expect(sealer.open(sealer.seal(plain))).toBe(plain);
  });

  it('seals the same differently each time, in characters that go anywhere', () => {
    const sealed = [sealer.seal('text'), sealer.seal('text')];
    expect(new Set(sealed).size).toBe(2);
    for (const each of sealed) expect(each).toMatch(/^[\w-]+$/);
  });

  it('opens nothing that was sealed under another secret or for another purpose', () => {
    const sealed = sealer.seal('text');
    expect(() => createSealer('another secret', 'tests').open(sealed)).toThrow(broken);
    expect(() => createSealer('a secret', 'something else').open(sealed)).toThrow(broken);
    expect(createSealer('a secret', 'tests').open(sealed)).toBe('text');
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
