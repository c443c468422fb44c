import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type WordAction, WordList } from './word-list.ts';

const judge = (content: string, ...rules: [word: string, action: WordAction][]) =>
  WordList.judge(WordList.of(rules.map(([word, action]) => ({ word: WordList.normalize(word), action }))), content);

describe('a word list', () => {
  it('lets everything pass while it is empty', () => {
    expect(judge('darn it')).toEqual({ action: 'accept', content: 'darn it' });
  });

  it.each([
    ['the word', 'darn it', '**** it'],
    ['capitals', 'DARN it', '**** it'],
    ['several', 'darn, darn!', '****, ****!'],
    ['full-width letters', 'ｄａｒｎ', '****'],
    ['circled letters', 'ⓓⓐⓡⓝ', '****'],
    ['accents, composed', 'dàrñ', '****'],
    ['accents that stand for themselves', 'd\u0336a\u0300r\u0336n\u0303', '********'],
    ['rings, strokes and signs of thousands laid over letters', 'd\u20dda\u0489r\u20d2\ufe20n\u1ab0\u1dc4', '**********'],
    ['full-width letters with accents', 'ｄàｒｎ it', '**** it'],
    ['a word that something invisible divides', 'da\u200brn it', '***** it'],
    ['a word that a joiner of graphemes divides', 'da\u034frn it', '***** it'],
    ['a word that a selector of variations divides', 'da\ufe0frn it', '***** it'],
    ['a word that a filler divides', 'da\u3164rn it', '***** it'],
    ['emphasis', '_darn_ it', '_****_ it'],
    ['beside pictographs', '🎉darn🎉', '🎉****🎉'],
    ['beside signs', '"darn"', '"****"'],
  ])('masks %s, in the length of what was written', (_, content, masked) => {
    expect(judge(content, ['darn', 'mask'])).toEqual({ action: 'mask', content: masked });
  });

  it('makes no difference between a word listed with its accents and one without', () => {
    expect(judge('CAFÉ, cafe', ['café', 'mask'])).toEqual({ action: 'mask', content: '****, ****' });
    expect(judge('Όμως ΟΜΩΣ', ['όμωσ', 'mask'])).toEqual({ action: 'mask', content: '**** ****' });
    expect(judge('ёлка', ['елка', 'reject']).action).toBe('reject');
  });

  it('makes no difference between katakana of full and of half width, whose sounding marks stand apart', () => {
    expect(judge('ﾊﾞｶ, ﾎﾟﾝ', ['バカ', 'mask'], ['ポン', 'mask'])).toEqual({ action: 'mask', content: '***, ***' });
    expect(judge('バカ', ['ﾊﾞｶ', 'reject']).action).toBe('reject');
  });

  it('masks a character that stands for several words where one of them is listed', () => {
    expect(judge('a ½ b ﷺ', ['1', 'mask'], ['الله', 'mask'])).toEqual({ action: 'mask', content: 'a * b *' });
  });

  it('finds words that were listed when the folding was another', () => {
    expect(WordList.judge(WordList.of([{ word: 'café', action: 'mask' }]), 'cafe').content).toBe('****');
  });

  it.each(['darning', 'undarn', 'darn_it', 'dar n', 'd a r n'])('takes whole words only: %s', (content) => {
    expect(judge(content, ['darn', 'mask'])).toEqual({ action: 'accept', content });
  });

  it('refuses what holds a word to reject, whatever else it holds', () => {
    expect(judge('darn, heck', ['darn', 'mask'], ['heck', 'reject']).action).toBe('reject');
    expect(judge('Heck!', ['heck', 'reject']).action).toBe('reject');
  });

  it('knows phrases, whatever stands between their words', () => {
    expect(judge('buy   CHEAP, pills now', ['cheap pills', 'mask']).content).toBe('buy   ****** ***** now');
    expect(judge('cheap and pills', ['cheap pills', 'reject']).action).toBe('accept');
  });

  it('changes nothing but what it masks, and keeps the length in code points', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (before, after) => {
        const content = `${before} darn ${after}`;
        const { content: masked } = judge(content, ['darn', 'mask']);
        const [was, is] = [[...content], [...masked]];
        expect(is).toHaveLength(was.length);
        expect(is.every((character, at) => character === '*' || character === was[at])).toBe(true);
        expect(is.slice([...before].length + 1, [...before].length + 5).join('')).toBe('****');
      }),
    );
  });
});
