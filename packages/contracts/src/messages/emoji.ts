import { z } from 'zod';

/** UTF-16 units; the longest emoji of the set, a kiss of two people with skin tones, has 35 bytes as UTF-8. */
const LONGEST = 32;
const SHORTCODE = /^:[a-z0-9_+-]{1,30}:$/;
/** What Unicode recommends for general interchange: one grapheme cluster, its variation selectors in place. */
const EMOJI = /^\p{RGI_Emoji}$/v;

/** What is drawn as text unless U+FE0F follows it, or a skin tone; of digits, `#` and `*` those that a keycap encloses. */
const TEXT_BY_DEFAULT = /(?:[\p{Emoji}--\p{Emoji_Presentation}--[0-9#*]]|[0-9#*](?=\u20e3))(?!\p{Emoji_Modifier})/gv;

/**
 * Keyboards and clients leave out selectors of the colourful form (U+FE0F), or write needless ones. UTS #51 calls these spellings minimally
 * qualified or unqualified, and the same emoji: stored and compared as the fully qualified one.
 */
const qualified = (value: string): string => value.replaceAll('\ufe0f', '').replaceAll(TEXT_BY_DEFAULT, '$&\ufe0f');

/** An emoji, or the `:shortcode:` of one that the client brings itself. */
export const emoji = z
  .string()
  .max(LONGEST)
  .meta({ examples: ['👍', ':party-parrot:'] })
  .transform(qualified)
  .refine((value) => EMOJI.test(value) || SHORTCODE.test(value), {
    error: 'must be one emoji or a :shortcode:',
  });
