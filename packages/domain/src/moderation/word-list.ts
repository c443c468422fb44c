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

/** A listed word in a text: `from` (inclusive) and `to` (exclusive) in code points of what was written. */
export type WordMatch = WordRule & Readonly<{ from: number; to: number }>;

/** Every listed word of a text in order; whole words only. */
function* matches({ words, phrases }: WordList, content: string): Generator<WordMatch> {
  if (words.size === 0 && phrases.size === 0) return;
  const { text, points } = fold(content);
  const found = [...text.matchAll(WORD)].map((match) => ({ word: match[0], from: match.index, to: match.index + match[0].length }));
  for (const [index, { word, from, to }] of found.entries()) {
    const start = points[from] ?? 0;
    const single = words.get(word);
    if (single !== undefined) yield { word, action: single, from: start, to: endOf(points, to) };
    for (const { words: parts, action } of phrases.get(word) ?? [])
      if (parts.every((part, offset) => found[index + offset]?.word === part))
        yield { word: parts.join(' '), action, from: start, to: endOf(points, found[index + parts.length - 1]?.to ?? to) };
  }
}

/** A mask has the length of what it hides, in code points. */
function judge(list: WordList, content: string): Verdict {
  const masked: WordMatch[] = [];
  for (const match of matches(list, content)) {
    if (match.action === 'reject') return { action: 'reject', content };
    masked.push(match);
  }
  if (masked.length === 0) return { action: 'accept', content };
  const characters = [...content];
  for (const { from, to } of masked) for (let at = from; at < to; at += 1) if (!/\s/u.test(characters[at] ?? '')) characters[at] = '*';
  return { action: 'mask', content: characters.join('') };
}

export const WordList = { normalize, of, judge, matches };
