import { describe, expect, it } from 'vitest';
import { hasInvisible, hasVisible } from './visible.ts';

describe('what can be seen', () => {
  it.each([
    ['nothing', ''],
    ['spaces', ' \u00a0\u2003\u3000\n\t'],
    ['controls', '\u0000\u0007\u0085'],
    ['zero-width characters', '\u200b\u200c\u200d\u2060\ufeff'],
    ['marks and overrides of direction', '\u200e\u200f\u061c\u202a\u202e\u2066\u2069'],
    ['fillers of Hangul', '\u115f\u1160\u3164\uffa0'],
    ['the empty pattern of Braille', '\u2800'],
    ['soft hyphens', '\u00ad'],
    ['selectors of variations', '\ufe0f\ufe00\u{e0100}\u180b'],
    ['tags', '\u{e0041}\u{e007f}'],
    ['a joiner of graphemes', '\u034f'],
    ['anchors of annotations and the empty note head', '\ufff9\ufffa\ufffb\u{1d159}'],
  ])('is nothing of %s', (_, text) => {
    expect(hasVisible(text)).toBe(false);
    expect([...text].every(hasInvisible)).toBe(true);
  });

  it.each([
    'a',
    '.',
    '\u200bx',
    '❤️',
    '👨‍👩‍👧',
    '🏴\u{e0067}\u{e0062}\u{e007f}',
    '🇫🇷',
    '\u0301',
    'می‌خواهم',
    '가',
    '\u06dd',
    '⠁',
    '\uf8ff',
    '\u{1faff}',
    '\u{10ffff}',
  ])('is something of %j', (text) => {
    expect(hasVisible(text)).toBe(true);
  });

  it.each(['alice', 'Zoë', '가나', 'e\u0301', '猫'])('is all of %j', (text) => {
    expect(hasInvisible(text)).toBe(false);
  });
});
