import type { CursorHolder } from '@coucou/application/ports/cursors';
import { asId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { createCursors } from './cursors.ts';

const cursors = createCursors('a secret');
const holder: CursorHolder = { account: asId('a'), person: asId('p'), operation: 'things.list' };
const place = '["things","2026-01-15T12:00:00.123Z",7]';
const invalid = expect.objectContaining({ code: 'CURSOR_INVALID' });

describe('a cursor', () => {
  it('gives back the place to whom it was sealed for', () => {
    expect(cursors.open(cursors.seal(place, holder), holder)).toBe(place);
  });

  it('shows nothing of the place, neither in its bytes nor by its length', () => {
    const sealed = cursors.seal(place, holder);
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toMatch(/things|2026/);
    expect(cursors.seal('["things","2026-01-15T12:00:00.123Z",7000000]', holder)).toHaveLength(sealed.length);
    expect(cursors.seal(place, holder)).not.toBe(sealed);
  });

  it.each<[string, Partial<CursorHolder>]>([
    ['another account', { account: asId('b') }],
    ['another person', { person: asId('q') }],
    ['nobody signed in', { person: undefined }],
    ['another operation', { operation: 'things' }],
  ])('is worth nothing to %s', (_, other) => {
    expect(() => cursors.open(cursors.seal(place, holder), { ...holder, ...other })).toThrow(invalid);
  });

  it('is worth nothing under another secret, changed, spelt in another way, or made up', () => {
    const sealed = cursors.seal(place, holder);
    expect(() => createCursors('another secret').open(sealed, holder)).toThrow(invalid);
    const changed = [...sealed].map((sign, at) => sealed.slice(0, at) + (sign === 'A' ? 'B' : 'A') + sealed.slice(at + 1));
    for (const other of [...changed, `${sealed}=`, `${sealed} `, sealed.slice(0, -1), '', 'x', Buffer.from(place).toString('base64url')])
      expect(() => cursors.open(other, holder)).toThrow(invalid);
  });
});
