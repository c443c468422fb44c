import { describe, expect, it } from 'vitest';
import { isSame } from './same.ts';

const noon = '2026-01-15T12:00:00.000Z';

describe('being the same', () => {
  it.each([
    ['plain values', 1, 1],
    ['nothing', undefined, undefined],
    ['another order of keys', { a: 1, b: { d: [1], c: null } }, { b: { c: null, d: [1] }, a: 1 }],
    ['what is absent and what is undefined', { a: 1, b: undefined }, { a: 1 }],
    ['times', { at: new Date(noon) }, { at: new Date(noon) }],
  ])('holds for %s', (_, a, b) => {
    expect([isSame(a, b), isSame(b, a)]).toEqual([true, true]);
  });

  it.each([
    ['other values', { a: 1 }, { a: '1' }],
    ['one thing more', { a: 1 }, { a: 1, b: null }],
    ['another name', { a: 1 }, { b: 1 }],
    ['a list in another order', [1, 2], [2, 1]],
    ['a longer list', [1], [1, 1]],
    ['a list and what looks like one', [1], { 0: 1 }],
    ['nothing and an object', null, {}],
    ['other times', new Date(noon), new Date(0)],
    ['a time and an object', new Date(noon), {}],
    ['what every object has', { a: 1 }, { a: 1, constructor: 1 }],
  ])('does not for %s', (_, a, b) => {
    expect([isSame(a, b), isSame(b, a)]).toEqual([false, false]);
  });
});
