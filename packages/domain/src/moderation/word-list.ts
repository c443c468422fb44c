import { fold } from '../kernel/folding.ts';

/** What a listed word does to a message: the word is masked, or the message is refused. */
export type WordAction = 'mask' | 'reject';

export type WordRule = Readonly<{ /** As `WordList.normalize` answers it. */ word: string; action: WordAction }>;

/** A compiled word list; whole words, by their normal form. */
export type WordList = Readonly<{
  /** Rules of one word, found by it. */
  words: ReadonlyMap<string, WordAction>;
  /** Rules of several words in a row, by the first. */
  phrases: ReadonlyMap<string, readonly Readonly<{ words: readonly string[]; action: WordAction }>[]>;
}>;

export type Verdict = Readonly<{ action: 'accept' | WordAction /** With every word masked that is to be. */; content: string }>;

/** Underscores inside a word are part of it; around one they are emphasis. */
const WORD = /[\p{L}\p{N}\p{M}]+(?:_+[\p{L}\p{N}\p{M}]+)*/gu;

const wordsOf = (folded: string): string[] => folded.match(WORD) ?? [];

/**
 * The normal form in which words are stored and compared. It ignores case, accents, compatibility forms, invisible characters and what
 * separates words. It does not map look-alike letters of other scripts, nor digits and symbols used as letters.
 */
const normalize = (word: string): string => wordsOf(fold(word).text).join(' ');

function of(rules: readonly WordRule[]): WordList {
  const words = new Map<string, WordAction>();
  const phrases = new Map<string, { words: readonly string[]; action: WordAction }[]>();
  for (const { word, action } of rules) {
    // Again, since the folding may be another than when the word was listed.
    const [first, ...rest] = normalize(word).split(' ');
    if (first === undefined || first === '') continue;
    if (rest.length === 0) words.set(first, action);
    else phrases.set(first, [...(phrases.get(first) ?? []), { words: [first, ...rest], action }]);
  }
  return { words, phrases };
}

/** Where the character ends, in code points of what was written, that made the unit before `to`: one may stand for several words. */
function endOf(points: readonly number[], to: number): number {
  let at = to;
  while (points[at] === points[to - 1]) at += 1;
  return points[at] ?? 0;
}

/** Matches whole words only. A mask has the length of what it hides, in code points. */
function judge({ words, phrases }: WordList, content: string): Verdict {
  if (words.size === 0 && phrases.size === 0) return { action: 'accept', content };
  const { text, points } = fold(content);
  const found = [...text.matchAll(WORD)].map((match) => ({ word: match[0], from: match.index, to: match.index + match[0].length }));
  const masked: [from: number, to: number][] = [];
  for (const [index, { word, from, to }] of found.entries()) {
    const matches: { action: WordAction; to: number }[] = [];
    const single = words.get(word);
    if (single !== undefined) matches.push({ action: single, to });
    for (const phrase of phrases.get(word) ?? [])
      if (phrase.words.every((part, offset) => found[index + offset]?.word === part))
        matches.push({ action: phrase.action, to: found[index + phrase.words.length - 1]?.to ?? to });
    if (matches.some(({ action }) => action === 'reject')) return { action: 'reject', content };
    for (const match of matches) masked.push([points[from] ?? 0, endOf(points, match.to)]);
  }
  if (masked.length === 0) return { action: 'accept', content };
  const characters = [...content];
  for (const [from, to] of masked) for (let at = from; at < to; at += 1) if (!/\s/u.test(characters[at] ?? '')) characters[at] = '*';
  return { action: 'mask', content: characters.join('') };
}

export const WordList = { normalize, of, judge };
