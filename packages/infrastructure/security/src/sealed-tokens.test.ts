import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { createRefreshTokens } from './refresh-tokens.ts';
import { createSealedTokens } from './sealed-tokens.ts';

const secret = 'a secret of thirty-two bytes or more';
const noon = new Date('2026-01-15T12:00:00.000Z');
const one = new Date('2026-01-15T13:00:00.000Z');
/** Every text that differs from this one in one character. */
const changed = (text: string): string[] =>
  [...text].map((letter, at) => text.slice(0, at) + (letter === 'A' ? 'B' : 'A') + text.slice(at + 1));

describe('a sealed secret', () => {
  const tokens = createSealedTokens(secret);
  const sealed = tokens.seal('magic-link', { user: 'alice' }, one);

  it('says what was sealed, to the same purpose, until it expires', () => {
    expect(tokens.open('magic-link', sealed, noon)).toEqual({
      id: expect.stringMatching(/^[\w-]{22}$/),
      content: { user: 'alice' },
      expiresAt: one,
    });
    expect(tokens.open('magic-link', sealed, one)).toBeUndefined();
    expect(tokens.open('password-reset', sealed, noon)).toBeUndefined();
    expect(createSealedTokens(`${secret}!`).open('magic-link', sealed, noon)).toBeUndefined();
  });

  it('is another each time, and opens in one spelling only', () => {
    const again = tokens.seal('magic-link', { user: 'alice' }, one);
    expect(again).not.toBe(sealed);
    expect(tokens.open('magic-link', again, noon)?.id).not.toBe(tokens.open('magic-link', sealed, noon)?.id);
    for (const forged of [...changed(sealed), `${sealed}=`, ` ${sealed}`, sealed.slice(0, -1), '', 'x'])
      expect(tokens.open('magic-link', forged, noon)).toBeUndefined();
  });

  it('shows nothing of what it says', () => {
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('alice');
  });
});

describe('a refresh token', () => {
  const tokens = createRefreshTokens(secret);
  const of = { account: asId<'account'>('acc'), sessionId: asId<'session'>('phone'), rotation: 3 };

  it('says what it belongs to, and is unlike any other', () => {
    const { token, hash } = tokens.issue(of);
    expect(tokens.open(token)).toEqual({ ...of, hash });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(Array.from({ length: 100 }, () => tokens.issue(of).token)).size).toBe(100);
    expect(token.length).toBeLessThanOrEqual(512);
  });

  it('cannot be made up, nor changed', () => {
    const { token } = tokens.issue(of);
    for (const forged of [...changed(token), '', 'x', token.slice(0, -1), createRefreshTokens(`${secret}!`).issue(of).token])
      expect(tokens.open(forged)).toBeUndefined();
  });

  it('alone opens its successor', () => {
    const [spent, successor] = [tokens.issue(of).token, tokens.issue({ ...of, rotation: 4 }).token];
    const sealed = tokens.sealSuccessor(spent, successor);
    expect(tokens.openSuccessor(spent, sealed)).toBe(successor);
    expect(() => tokens.openSuccessor(successor, sealed)).toThrow(/authenticate/);
    expect(sealed).not.toContain(successor);
  });
});
