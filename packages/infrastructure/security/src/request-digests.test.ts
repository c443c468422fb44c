import { describe, expect, it } from 'vitest';
import { createRequestDigests } from './request-digests.ts';

const { fingerprint, uuid } = createRequestDigests('the secret of one server');

describe('a fingerprint', () => {
  it('is of what is asked for, not of the order or the spelling of its fields', () => {
    expect(fingerprint(['a.b', { x: 1, y: { b: [1, 2], a: 'é' }, z: undefined }])).toBe(
      fingerprint(['a.b', { y: { a: 'é', b: [1, 2] }, x: 1 }]),
    );
  });

  it.each([
    ['another operation', ['a.c', { x: 1 }]],
    ['another value', ['a.b', { x: 2 }]],
    ['another type', ['a.b', { x: '1' }]],
    ['another order of a list', ['a.b', { x: [2, 1] }]],
    ['one field more', ['a.b', { x: 1, y: 1 }]],
    ['a value in another place', ['a.b', { x: { x: 1 } }]],
  ])('differs for %s', (_, parts) => {
    expect(fingerprint(parts)).not.toBe(fingerprint(['a.b', { x: 1 }]));
    expect(fingerprint(parts)).not.toBe(fingerprint(['a.b', { x: [1, 2] }]));
  });

  it('is of one server: without its secret nobody can try out what a request held', () => {
    expect(createRequestDigests('the secret of another').fingerprint(['a', 1])).not.toBe(fingerprint(['a', 1]));
    expect(fingerprint(['a', 1])).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('a UUID of a name', () => {
  it('is a UUIDv5, the same on every server', () => {
    const made = uuid(['account', 'user', 'key']);
    expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(createRequestDigests('the secret of another').uuid(['account', 'user', 'key'])).toBe(made);
  });

  it('differs where the parts do, wherever one ends and the next begins', () => {
    expect(new Set([uuid(['a', 'bc']), uuid(['ab', 'c']), uuid(['abc']), uuid(['a', 'b', 'c'])]).size).toBe(4);
  });
});
