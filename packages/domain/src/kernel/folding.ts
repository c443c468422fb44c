/**
 * Text as it is compared, with the way back to the text as written: `points[i]` is the place, in code points of the source, of the
 * character that made unit `i` (UTF-16) of `text`; one more entry marks the end.
 */
export type Folded = Readonly<{ text: string; points: readonly number[] }>;

/**
 * What is folded together: a character with its marks (letters, by their category, where they sound katakana of half width), and runs of
 * Jamo, which compose to syllables.
 */
const CLUSTER = /[\u1100-\u11ff]+|\P{M}[\p{M}\uff9e\uff9f]*|\p{M}+/gu;

/** Invisible: joiners, soft hyphens, directions, selectors of variations, fillers. Written into a word they would hide it. */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Of Latin, Greek and Cyrillic, and those of no script, which may be laid over any letter. */
const ACCENTS = /[\u0300-\u036f]|[\u0483-\u0489]|[\u1ab0-\u1aff]|[\u1dc0-\u1dff]|[\u20d0-\u20ff]|[\ufe20-\ufe2f]/g;

const lengthInPoints = (value: string): number => (value.length === 1 ? 1 : [...value].length);

const foldCluster = (cluster: string): string =>
  cluster.replaceAll(INVISIBLE, '').normalize('NFKD').toLowerCase().replaceAll(ACCENTS, '').replaceAll('ς', 'σ').normalize('NFKC');

/**
 * As messages are searched and listed words are found: compatibility forms are one, and so are capital and small letters, and letters
 * of Latin, Greek and Cyrillic with and without accents; marks of other scripts make other letters and stay.
 */
export function foldAccents(source: string): Folded {
  const points: number[] = [];
  let text = '';
  let at = 0;
  for (const [cluster] of source.matchAll(CLUSTER)) {
    const folded = cluster.length === 1 && cluster < '\u0080' ? cluster.toLowerCase() : foldCluster(cluster);
    for (let unit = 0; unit < folded.length; unit += 1) points.push(at);
    text += folded;
    at += lengthInPoints(cluster);
  }
  points.push(at);
  return { text, points };
}
