import { describe, expect, it } from 'vitest';
import { opaqueTokens } from './opaque-tokens.ts';

describe('opaque tokens', () => {
  it('are 256 bits that no two have in common, in characters that go anywhere', () => {
    const tokens = Array.from({ length: 1000 }, () => opaqueTokens.generate());
    expect(new Set(tokens).size).toBe(1000);
    expect(tokens.filter((token) => !/^[\w-]{43}$/.test(token))).toEqual([]);
  });

  it('are kept as their SHA-256 (FIPS 180-4, "abc")', () => {
    expect(opaqueTokens.hash('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
