import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { createCsrfTokens } from './csrf-tokens.ts';
import { createRefreshTokens } from './refresh-tokens.ts';

const SECRET = 'a secret of 32 bytes or more for tests';
const tokens = createCsrfTokens(SECRET);
const alice = { account: asId<'account'>('one'), sessionId: asId<'session'>('alice') };

describe('a token against forged requests', () => {
  it('is for its session, on every node of the same secret', () => {
    const token = tokens.seal(alice);
    expect(createCsrfTokens(SECRET).isFor(token, { ...alice })).toBe(true);
    expect(token).toMatch(/^[\w-]+$/);
  });

  it('never reads the same twice', () => {
    expect(tokens.seal(alice)).not.toBe(tokens.seal(alice));
  });

  it.each<[string, string]>([
    ['another session', tokens.seal({ ...alice, sessionId: asId('bob') })],
    ['the same session of another account', tokens.seal({ ...alice, account: asId('other') })],
    ['names that read alike when put together', tokens.seal({ account: asId('one alice'), sessionId: asId('') })],
    ['another secret', createCsrfTokens('another secret').seal(alice)],
    ['another purpose', createRefreshTokens(SECRET).issue({ ...alice, rotation: 0 }).token],
    ['nothing', ''],
    ['nobody', 'x'.repeat(86)],
  ])('is no good from %s', (_, token) => expect(tokens.isFor(token, alice)).toBe(false));
});
