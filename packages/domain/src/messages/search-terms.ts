import { errors } from '../kernel/errors.ts';
import { fold } from '../kernel/folding.ts';
import { limits } from '../kernel/limits.ts';

/**
 * How messages and names are found by parts of words, in any script. A text is cut into grams that an index can hold: three letters in a row, the
 * first two of each word or part of one that is cut so, and, where a script writes no spaces (and for pictographs), single characters and pairs. A query names grams
 * that every match must hold and the terms themselves, which decide: a term is found wherever it stands literally in the folded text.
 */

/** Scripts without spaces between words, syllabic Hangul, and pictographs: one character says something. */
const DENSE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Extended_Pictographic}]/u;
/** Words, and each pictograph by itself. */
const WORD = /[\p{L}\p{N}\p{M}]+|\p{Extended_Pictographic}/gu;

type Run = Readonly<{ characters: readonly string[]; dense: boolean }>;

/** Words cut where dense and spaced scripts meet. */
function runsOf(folded: string): Run[] {
  const runs: { characters: string[]; dense: boolean }[] = [];
  for (const [word] of folded.matchAll(WORD)) {
    let run: (typeof runs)[number] | undefined;
    for (const character of word) {
      const dense = DENSE.test(character);
      if (run === undefined || run.dense !== dense) {
        run = { characters: [], dense };
        runs.push(run);
      }
      run.characters.push(character);
    }
  }
  return runs;
}

const windows = (characters: readonly string[], size: number): string[] =>
  Array.from({ length: Math.max(0, characters.length - size + 1) }, (_, index) => characters.slice(index, index + size).join(''));

/** The first two letters of a run; no gram of three begins like this. */
const opening = (characters: readonly string[]): string => `^${characters[0]}${characters[1]}`;

/** What an index holds of a folded text; each gram once. */
export function gramsOf(folded: string): string[] {
  const grams = new Set<string>();
  for (const { characters, dense } of runsOf(folded)) {
    if (dense) for (const gram of [...characters, ...windows(characters, 2)]) grams.add(gram);
    else {
      if (characters.length >= 2) grams.add(opening(characters));
      for (const gram of windows(characters, 3)) grams.add(gram);
    }
  }
  return [...grams];
}

/** The fewest windows that cover a run. */
function cover(characters: readonly string[], size: number): string[] {
  const starts = new Set<number>();
  for (let at = 0; at + size <= characters.length; at += size) starts.add(at);
  starts.add(characters.length - size);
  return [...starts].map((at) => characters.slice(at, at + size).join(''));
}

export type SearchTerms = Readonly<{
  /** Folded; each must stand in the folded text as it is. */
  terms: readonly string[];
  /** Each must be among the text's grams. Empty for what the index cannot serve: a single letter, or symbols only. */
  grams: readonly string[];
}>;

/** What is sought by a folded query. */
function of(folded: string): SearchTerms {
  const terms = [...new Set(folded.split(/\s+/).filter((term) => term !== ''))];
  const grams = new Set<string>();
  for (const term of terms)
    for (const { characters, dense } of runsOf(term)) {
      if (dense) for (const gram of characters.length === 1 ? characters : cover(characters, 2)) grams.add(gram);
      else if (characters.length === 2) grams.add(opening(characters));
      else if (characters.length > 2) for (const gram of cover(characters, 3)) grams.add(gram);
    }
  return { terms, grams: [...grams] };
}

/** Throws `VALIDATION_FAILED` for a query that the index cannot serve, and for too many words. */
function parse(query: string): SearchTerms {
  const search = of(fold(query).text);
  if (search.terms.length > limits.search.terms)
    throw errors.VALIDATION_FAILED([{ path: ['q'], rule: 'too_big', message: `Search for at most ${limits.search.terms} words.` }]);
  if (search.grams.length === 0)
    throw errors.VALIDATION_FAILED([{ path: ['q'], rule: 'too_small', message: 'Search for at least two letters or digits in a row.' }]);
  return search;
}

/** A range of a text, in code points. */
export type Highlight = Readonly<{ start: number; length: number }>;

/** Where the terms stand in a text, in order and without overlaps. */
function highlight(content: string, { terms }: SearchTerms): Highlight[] {
  const { text, points } = fold(content);
  const found: [from: number, to: number][] = [];
  for (const term of terms) {
    for (let at = text.indexOf(term); at !== -1 && found.length < limits.search.highlights; at = text.indexOf(term, at + term.length)) {
      const from = points[at] ?? 0;
      // Up to where the next character begins: a character may have become several letters, of which the term is one.
      let end = at + term.length;
      while (points[end] === points[end - 1]) end += 1;
      found.push([from, points[end] ?? from]);
    }
  }
  const merged: { start: number; length: number }[] = [];
  for (const [from, to] of found.toSorted(([a], [b]) => a - b)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.start + last.length) last.length = Math.max(last.length, to - last.start);
    else merged.push({ start: from, length: to - from });
  }
  return merged;
}

export const SearchTerms = { of, parse, highlight };
