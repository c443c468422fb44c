import { describe, expect, it } from 'vitest';
import { customData, givenTime, id, time } from './types.ts';

const takes = (value: unknown): boolean => customData.safeParse(value).success;
const nested = (levels: number): object => (levels === 1 ? {} : { deeper: nested(levels - 1) });

describe('an object of the client’s own making', () => {
  it('is measured in bytes as JSON', () => {
    expect(takes({ a: 'x'.repeat(8_184) })).toBe(true);
    expect(takes({ a: 'x'.repeat(8_185) })).toBe(false);
    expect(takes({ a: '猫'.repeat(2_728) })).toBe(true);
    expect(takes({ a: '猫'.repeat(2_729) })).toBe(false);
  });

  it.each([1e308, -1e308, 1e-308])('counts %s as long as it is where it is stored', (number) => {
    expect(takes({ a: number })).toBe(true);
    expect(takes({ a: Array.from({ length: 20 }, () => number) })).toBe(true);
    expect(takes({ a: Array.from({ length: 100 }, () => number) })).toBe(false);
  });

  it('has at most 16 levels', () => {
    expect(takes(nested(16))).toBe(true);
    expect(takes(nested(17))).toBe(false);
  });

  it.each([{ a: '\u0000' }, { '\ud800': 1 }, { a: [Number.POSITIVE_INFINITY] }, { a: new Uint8Array(2) }, [], 'text', null])(
    'is not %j',
    (value) => expect(takes(value)).toBe(false),
  );
});

describe('a time', () => {
  it.each(['2026-01-15T10:30:00+01:00', '2026-01-15T09:30:00Z', '2026-01-15T09:30:00.000999Z'])('may be sent as %j', (value) => {
    expect(givenTime.parse(value)).toBe('2026-01-15T09:30:00.000Z');
    expect(time.safeParse(givenTime.parse(value)).success).toBe(true);
  });

  it.each(['2026-01-15', '0000-01-15T09:30:00Z', `2026-01-15T09:30:00.${'0'.repeat(60)}Z`])('says how it may be sent, for %j', (value) => {
    expect(givenTime.safeParse(value).error?.issues).toHaveLength(1);
  });

  it.each(['2026-01-15', '2026-01-15T09:30:00Z', '2026-01-15T10:30:00.000+01:00', 7])('is answered in one form, not as %j', (value) => {
    expect(time.safeParse(value).error?.issues[0]?.message).toBe('must be a time as in 2026-01-15T09:30:00.000Z');
  });
});

it('names a kind of thing with the article that goes with it', () => {
  expect(id('attachment').meta()?.description).toBe('id of an attachment');
  expect([id('user').meta()?.description, id('message').meta()?.description]).toEqual(['id of a user', 'id of a message']);
});
