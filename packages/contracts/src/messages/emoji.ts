import { z } from 'zod';

/** UTF-16 units; the longest emoji of the set, a kiss of two people with skin tones, has 35 bytes as UTF-8. */
const LONGEST = 32;
const SHORTCODE = /^:[a-z0-9_+-]{1,30}:$/;
/** What Unicode recommends for general interchange: one grapheme cluster, its variation selectors in place. */
const EMOJI = /^\p{RGI_Emoji}$/v;

/** Keyboards leave out the selector that asks for the colourful form; with it, equal emoji are equal strings. */
const qualified = (value: string): string => (EMOJI.test(`${value}\ufe0f`) && !EMOJI.test(value) ? `${value}\ufe0f` : value);

/** An emoji, or the `:shortcode:` of one that the client brings itself. */
export const emoji = z
  .string()
  .max(LONGEST)
  .meta({ examples: ['👍', ':party-parrot:'] })
  .transform(qualified)
  .refine((value) => EMOJI.test(value) || SHORTCODE.test(value), {
    error: 'must be one emoji or a :shortcode:',
  });
