import { hasVisible } from '../kernel/visible.ts';

/** Bytes of a name as UTF-8. */
const MOST_BYTES = 255;
/** Longer "extensions" are no extensions. */
const MOST_EXTENSION = 16;
/** UTF-16 units that are looked at, from both ends: normalizing and searching take longer than in proportion, and a form may bring 80 KB. */
const MOST_READ = 1_024;

/**
 * What a person cannot see, or what makes a name look like another: control characters, marks and overrides of direction, characters
 * of no width (those that join letters and emoji stay), separators of lines, and code points that stand for nothing.
 */
const UNSEEN = /[\p{Cc}\p{Co}\p{Cn}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

const ends = (name: string): string => (name.length <= MOST_READ ? name : name.slice(0, MOST_READ / 2) + name.slice(-MOST_READ / 2));

const bytesOf = (character: string): number => {
  const point = character.codePointAt(0) ?? 0;
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
};

/** The beginning of a text, in whole code points. */
function head(text: string, bytes: number): string {
  let used = 0;
  let kept = '';
  for (const character of text) {
    used += bytesOf(character);
    if (used > bytes) return kept;
    kept += character;
  }
  return kept;
}

/** Makes of whatever a client calls its file a label: one line, no path, at most 255 bytes, never empty. It is never a path here either. */
export function cleanFileName(raw: string): string {
  const last = ends(raw.split(/[/\\]/).at(-1) ?? '')
    .toWellFormed()
    .normalize('NFC');
  const seen = last
    .replaceAll(UNSEEN, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/[. ]+$/, '');
  if (!hasVisible(seen)) return 'file';
  const short = head(seen, MOST_BYTES);
  if (short === seen) return seen;
  const [extension = ''] = new RegExp(`\\.[^.\\s]{1,${MOST_EXTENSION}}$`, 'u').exec(seen) ?? [];
  const room = MOST_BYTES - [...extension].reduce((sum, character) => sum + bytesOf(character), 0);
  return `${head(seen, room).trimEnd()}${extension}`;
}
