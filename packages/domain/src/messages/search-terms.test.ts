import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold } from '../kernel/folding.ts';
import { gramsOf, SearchTerms } from './search-terms.ts';

/** What the index and its recheck do. */
function finds(query: string, content: string): boolean {
  const { terms, grams } = SearchTerms.parse(query);
  const folded = fold(content).text;
  const held = new Set(gramsOf(folded));
  return grams.every((gram) => held.has(gram)) && terms.every((term) => folded.includes(term));
}

const marked = (query: string, content: string): string[] => {
  const characters = [...content];
  return SearchTerms.highlight(content, SearchTerms.parse(query)).map(({ start, length }) =>
    characters.slice(start, start + length).join(''),
  );
};

const refused = (rule: string) =>
  expect.objectContaining({ code: 'VALIDATION_FAILED', details: [expect.objectContaining({ path: ['q'], rule })] });

describe('a search', () => {
  it.each([
    ['a word', 'hello', 'Hello, world'],
    ['a part of a word', 'ell', 'Hello'],
    ['the end of a word', 'world', 'helloworld'],
    ['two letters that begin a word', 'he', 'oh hello'],
    ['two letters behind characters of another script', '12月', '今日は12月です'],
    ['two letters between characters of another script', 'jr', '東日本JR線'],
    ['several words in any order', 'world hello', 'hello big world'],
    ['capitals', 'ÉCOLE', 'école'],
    ['no accents', 'resume', 'mon résumé'],
    ['accents where there are none', 'résumé', 'resume'],
    ['decomposed letters', 'résumé', 're\u0301sume\u0301'],
    ['full-width letters', 'abc', 'ａｂｃ'],
    ['ligatures', 'office', 'oﬃce'],
    ['one Chinese character', '京', '東京都'],
    ['two Chinese characters', '京都', '東京都'],
    ['a part of a Japanese sentence', 'テスト中', 'これはテスト中です'],
    ['Hangul', '안녕', '안녕하세요'],
    ['decomposed Hangul', '안녕'.normalize('NFD'), '안녕하세요'],
    ['Thai', 'ภาษา', 'ฉันพูดภาษาไทย'],
    ['Cyrillic', 'привет', 'ПРИВЕТ!'],
    ['Greek with its last sigma', 'ΟΔΟΣ', 'οδος'],
    ['a pictograph', '🎉', 'done 🎉🎉'],
    ['a word that something invisible divides', 'hello', 'he\u200bl\u00adlo'],
    ['a percent sign, literally', '100%', 'now at 100%'],
    ['an underscore, literally', 'snake_case', 'a snake_case name'],
    ['a backslash, literally', 'c:\\temp', 'in C:\\Temp today'],
    ['an address', 'bob@example.com', 'write to bob@example.com'],
    ['a single letter beside a word', 'plan b', 'what is plan B?'],
    ['quotes and operators, literally', "it's&|!", "it's&|!:*"],
  ])('finds %s', (_, query, content) => {
    expect(finds(query, content)).toBe(true);
    expect(marked(query, content)).not.toEqual([]);
  });

  it.each([
    ['another word', 'hello', 'help'],
    ['the grams in another order', 'abcdef', 'defabc'],
    ['one of two words', 'hello world', 'hello'],
    ['any character for a percent sign', '100%', '100 euros'],
    ['any character for an underscore', 'a_cd', 'abcd'],
    ['two letters in the middle of a word', 'el', 'hello'],
  ])('does not take %s for what was sought', (_, query, content) => {
    expect(finds(query, content)).toBe(false);
  });

  it.each([['%'], ['_'], ['\\'], ['a'], ['%%%%'], ['  '], ['a b c'], ["'"], ['\u200b']])('refuses %j', (query) => {
    expect(() => SearchTerms.parse(query)).toThrow(refused('too_small'));
  });

  it('refuses a hundred words', () => {
    expect(() => SearchTerms.parse(Array.from({ length: 100 }, (_, index) => `word${index}`).join(' '))).toThrow(refused('too_big'));
  });

  it('finds every part of three characters or more of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 3 }), fc.nat(), (content, at) => {
        const characters = [...content];
        const part = characters.slice(at % characters.length).join('');
        let parsed: SearchTerms;
        try {
          parsed = SearchTerms.parse(part);
        } catch {
          return;
        }
        const folded = fold(content).text;
        fc.pre(parsed.terms.every((term) => folded.includes(term)) && parsed.grams.every((gram) => !gram.startsWith('^')));
        expect(finds(part, content)).toBe(true);
      }),
    );
  });

  it('highlights in code points, whole characters, without overlaps', () => {
    expect(SearchTerms.highlight('🎉 Résumé, resume', SearchTerms.parse('resume'))).toEqual([
      { start: 2, length: 6 },
      { start: 10, length: 6 },
    ]);
    expect(marked('ffi', 'oﬃce')).toEqual(['ﬃ']);
    expect(marked('hello low', 'hellow')).toEqual(['hellow']);
    expect(marked('aaa', 'a'.repeat(7))).toEqual(['a'.repeat(6)]);
  });

  it('highlights within bounds whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', minLength: 1 }), (content, term) => {
        const length = [...content].length;
        const { text } = fold(term);
        for (const range of SearchTerms.highlight(content, { terms: text === '' ? ['a'] : [text], grams: [] })) {
          expect(range.start).toBeGreaterThanOrEqual(0);
          expect(range.length).toBeGreaterThan(0);
          expect(range.start + range.length).toBeLessThanOrEqual(length);
        }
      }),
    );
  });
});
