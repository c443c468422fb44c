import { plainLetters } from './plain-letters.ts';

/**
 * Text as it is compared, with the way back to the text as written: `points[i]` is the place, in code points of the source, of the
 * character that made unit `i` (UTF-16) of `text`; one more entry marks the end.
 */
export type Folded = Readonly<{ text: string; points: readonly number[] }>;

/** Joiners, soft hyphens, directions, selectors of variations, fillers, and what only stretches a word. Inside a word they would hide it. */
const UNSEEN = String.raw`\p{Cf}\p{Default_Ignorable_Code_Point}\u0640\u07fa`;
const INVISIBLE = new RegExp(`[${UNSEEN}]`, 'gu');

const COMPOSING = String.raw`\u1100-\u11ff\uffa0-\uffdc\u{16d63}\u{16d67}-\u{16d6a}`;

/**
 * What is folded together: a character with its marks (letters, by their category, where they sound katakana of half width), and runs of
 * letters that compose, also across marks, of which most go, and across what is not seen: Jamo to syllables, vowels of Kirat Rai.
 */
const CLUSTER = new RegExp(
  String.raw`(?:[\uac00-\ud7a3][\p{M}${UNSEEN}]*)?[${COMPOSING}][${COMPOSING}\p{M}${UNSEEN}]*|[^\p{M}${UNSEEN}][\p{M}\uff9e\uff9f${UNSEEN}]*|[\p{M}${UNSEEN}]+`,
  'gu',
);

/**
 * Marks that a word is also written without: accents of Latin, Greek and Cyrillic, vowel points of Hebrew, Arabic and Syriac, and marks of
 * no script, which may be laid over any letter; but for the two that sound kana. Marks of other scripts are vowels and stay.
 */
const MARKS =
  /[[\p{Mn}\p{Me}]&&[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}[\p{Script=Inherited}--[\u3099\u309a]]]]/gv;

/**
 * Names this folding and the grams made of it (`gramsOf`): what is stored folded by another is folded again by the next migration. A test
 * gives the name, from what becomes of every character.
 */
export const foldingVersion = 'e90c3d61cc260ce5';

/** Unicode's full case folding: `ẞ`, `ß` and `SS` are one, and so are `Σ`, `σ` and `ς`; beyond it, `ı` is `i`. */
const foldCase = (value: string): string => value.toLowerCase().toUpperCase().toLowerCase();

function folded(cluster: string): string {
  const bare = foldCase(cluster.normalize('NFKD').replaceAll(INVISIBLE, '').replaceAll(MARKS, ''));
  let plain = '';
  for (const letter of bare) plain += plainLetters.get(letter) ?? letter;
  return plain.normalize('NFKC');
}

/** Of single units of UTF-16, which are 65,536 at most. */
const known = new Map<string, string>();

function foldCluster(cluster: string): string {
  if (cluster.length > 1) return folded(cluster);
  let found = known.get(cluster);
  if (found === undefined) known.set(cluster, (found = folded(cluster)));
  return found;
}

const lengthInPoints = (value: string): number => (value.length === 1 ? 1 : [...value].length);

/**
 * The one way in which text is compared: names and usernames, messages and what is sought in them, listed words. Case, compatibility forms
 * (width), accents, vowel points, strokes, stretching and what is invisible make no difference.
 */
export function fold(source: string): Folded {
  const points: number[] = [];
  let text = '';
  let at = 0;
  for (const [cluster] of source.matchAll(CLUSTER)) {
    const made = foldCluster(cluster);
    for (let unit = 0; unit < made.length; unit += 1) points.push(at);
    text += made;
    at += lengthInPoints(cluster);
  }
  points.push(at);
  return { text, points };
}
