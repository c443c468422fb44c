import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gramsOf } from '../messages/search-terms.ts';
import { fold, foldingVersion } from './folding.ts';

const folded = (value: string): string => fold(value).text;

/** All characters that have another form, and those that may go: the rest of Unicode folds to itself. */
const characters = [
  [0, 0x33ff],
  [0xa000, 0xabff],
  [0xac00, 0xac1c],
  [0xf900, 0x1ffff],
  [0x2f800, 0x2fa1f],
  [0xe0000, 0xe01ff],
].flatMap(([from = 0, to = 0]) =>
  Array.from({ length: to - from + 1 }, (_, at) => String.fromCodePoint(from + at)).filter(
    (character) =>
      character.normalize('NFKD') !== character ||
      character.toLowerCase() !== character ||
      character.toUpperCase() !== character ||
      /[\p{M}\p{Cf}\p{Lm}\p{Default_Ignorable_Code_Point}\p{Script=Latin}\p{Script=Cyrillic}]/u.test(character),
  ),
);

/** Full case folding writes an iota subscript as a letter; here it goes with the accents, for the word is written without it today. */
const hasIotaSubscript = (value: string): boolean => value.normalize('NFD').includes('\u0345');

describe('the folding', () => {
  it.each([
    ['case', 'ΝΙΚΟΣ', 'νικοσ', 'νικος', 'Νίκος'],
    ['a letter that is two in capitals', 'straße', 'STRASSE', 'STRAẞE', 'strasse'],
    ['Turkish i', 'ILICA', 'ılıca', 'İLİCA', 'ilica'],
    ['Georgian capitals', 'ᲗᲑᲘᲚᲘᲡᲘ', 'თბილისი'],
    ['Cherokee letters', 'ᎣᏏᏲ', 'ꭳꮟᏺ'.toLowerCase()],
    ['accents', 'Éloïse', 'eloise', 'E\u0301loi\u0308se'],
    ['Vietnamese letters', 'Đặng Thị', 'dang thi'],
    ['strokes', 'Łódź', 'lodz'],
    ['strokes of Danish', 'Søren Æbelø', 'soren aebelo'],
    ['letters of Icelandic', 'Þór Sigurðsson', 'thor sigurdsson'],
    ['hooks', 'Ƙasa Ɓala', 'kasa bala'],
    ['strokes of Cyrillic', 'Қанат Ғалым', 'канат галым'],
    ['breathings', 'ᾠδή', 'ωδη', 'ὨΔΉ'],
    ['vowel points of Hebrew', 'שָׁלוֹם', 'שלום', 'שׁלום'],
    ['vowel points of Arabic', 'مُحَمَّد', 'محمد'],
    ['a hamza over its letter', 'أحمد', 'احمد'],
    ['stretched letters', 'مـــحمد', 'محمد', 'ﹷﻣﺤﻤﺪ'],
    ['points of Syriac', 'ܫܠܳܡܳܐ', 'ܫܠܡܐ'],
    ['width', 'ＡＢＣ１２', 'abc12'],
    ['half-width katakana', 'ﾊﾞｶﾎﾟﾝ', 'バカポン', 'ハ\u3099カホ\u309aン'],
    ['half-width Hangul', 'ﾡￂ', '가'],
    ['composition of Hangul', '각', '\u1100\u1161\u11a8', '가\u11a8'],
    ['quotation marks that editors write', 'O’Brien', "o'brien", 'Oʼbrien'],
    ['what is invisible', 'he\u200bl\u00adl\ufe0fo', 'hello', 'h\u034fe\u2060llo'],
    ['what is invisible, before a mark', 'e\u200d\u0301', 'e', 'か\u200d\u3099'.replace(/.*/su, 'E')],
  ])('makes no difference by %s', (_, first, ...others) => {
    for (const other of others) expect(folded(other)).toBe(folded(first));
  });

  it.each([
    ['vowels of Indic scripts', 'कि', 'का'],
    ['tones of Thai', 'ไม่', 'ไม้'],
    ['sounding kana', 'か', 'が'],
    ['other letters', 'alice', 'alicia'],
    ['separators', 'al.ice', 'al_ice'],
  ])('tells %s apart', (_, one, other) => {
    expect(folded(one)).not.toBe(folded(other));
  });

  it('is one for a character in capitals, small and in every normal form, and folds nothing further', () => {
    const wrong: string[] = [];
    for (const character of characters) {
      const text = folded(character);
      const same = ['NFC', 'NFD', 'NFKC', 'NFKD'].map((form) => character.normalize(form));
      if (!hasIotaSubscript(character)) same.push(character.toUpperCase(), character.toLowerCase());
      if ([text, ...same].some((other) => folded(other) !== text)) wrong.push(character);
    }
    expect(wrong).toEqual([]);
  });

  it('composes syllables across what is not seen, and across marks that go', () => {
    expect(fold('a\uac00\u0640\u11a8b')).toEqual({ text: 'a\uac01b', points: [0, 1, 4, 5] });
    expect(fold('a\uac00\u0301\u11a8b')).toEqual({ text: 'a\uac01b', points: [0, 1, 4, 5] });
  });

  it('leads every unit back to what it was made of, whatever the text', () => {
    const pieces = fc.oneof(
      fc.constantFrom('ß', 'ﬃ', 'ـ', '\u200d', '\u0301', '\u3099', 'か', '가', '\u11a8', '\u1100', 'ﷺ', '👩‍🚀', 'ﾊ', 'ﾞ', 'A', ' '),
      fc.string({ unit: 'binary', maxLength: 2 }),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const source = parts.join('');
        const { text, points } = fold(source);
        expect(points).toHaveLength(text.length + 1);
        expect(points.at(-1)).toBe([...source].length);
        expect(points.toSorted((a, b) => a - b)).toEqual(points);
        expect(folded(text)).toBe(text);
        expect(folded(source.normalize('NFD'))).toBe(text);
        expect(folded(source.normalize('NFC'))).toBe(text);
      }),
    );
  });

  it('has another version when it, or what is made of it, is another', () => {
    const made = characters.map((character) => [folded(character), ...gramsOf(folded(`xy${character}xy`))].join(' ')).join('\n');
    // FNV-1a, twice: the domain has no cryptography.
    const hash = (start: number) =>
      [...made].reduce((sum, character) => Math.imul(sum ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0, start).toString(16);
    expect(foldingVersion).toBe(`${hash(2_166_136_261)}${hash(1)}`);
  });
});
