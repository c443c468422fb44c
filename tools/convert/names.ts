/** Names and emoji as this server takes them. */

/** Usernames of 3 to 32 letters, digits and . _ - between them, each given once: others' are changed as little as possible. */
export function createUsernames() {
  const taken = new Set<string>();
  return (wanted: string): string => {
    const clean = wanted
      .normalize('NFC')
      .replaceAll(/[^\p{L}\p{N}._-]/gu, '-')
      .replaceAll(/^[._-]+|[._-]+$/g, '')
      .slice(0, 28)
      .replace(/[._-]+$/, '');
    const base = clean.length >= 3 ? clean : `user-${clean || 'x'}`;
    let name = base;
    for (let again = 2; taken.has(name.toLowerCase()); again += 1) name = `${base}-${again}`;
    taken.add(name.toLowerCase());
    return name;
  };
}

/** One line of at most so many characters; undefined where nothing is left. */
export const shortened = (text: string | undefined, most: number): string | undefined =>
  [...(text ?? '').replaceAll(/\p{Cc}+/gu, ' ').trim()].slice(0, most).join('') || undefined;

/** The most used of both systems; the others stay `:shortcodes:`, which clients may know. */
const EMOJI: Readonly<Record<string, string>> = {
  '+1': '👍',
  thumbsup: '👍',
  '-1': '👎',
  thumbsdown: '👎',
  heart: '❤️',
  joy: '😂',
  smile: '😄',
  smiley: '😃',
  grinning: '😀',
  laughing: '😆',
  wink: '😉',
  cry: '😢',
  sob: '😭',
  thinking: '🤔',
  thinking_face: '🤔',
  open_mouth: '😮',
  eyes: '👀',
  tada: '🎉',
  fire: '🔥',
  rocket: '🚀',
  clap: '👏',
  pray: '🙏',
  ok_hand: '👌',
  wave: '👋',
  raised_hands: '🙌',
  muscle: '💪',
  white_check_mark: '✅',
  heavy_check_mark: '✔️',
  x: '❌',
  warning: '⚠️',
  question: '❓',
  '100': '💯',
};

/** Of a name without colons; undefined for one that no shortcode can be. */
export const emojiOf = (name: string): string | undefined =>
  Object.hasOwn(EMOJI, name) ? EMOJI[name] : /^[a-z0-9_+-]{1,30}$/.test(name) ? `:${name}:` : undefined;
