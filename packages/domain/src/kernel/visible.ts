/**
 * Invisible characters: spaces, controls, default-ignorable code points (joiners, direction marks, variation selectors,
 * fillers, which are letters by category), and symbols with an empty glyph. Unassigned and private-use characters count as
 * visible: an emoji that is newer than this server is one, and fonts draw the others.
 */
const INVISIBLE = String.raw`\p{White_Space}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb\u{1d159}`;
const SOMETHING_VISIBLE = new RegExp(`[^${INVISIBLE}]`, 'u');
const SOMETHING_INVISIBLE = new RegExp(`[${INVISIBLE}]`, 'u');

/** Whether there is anything to see in a text: what is said and what is called by a name must show. */
export const hasVisible = (text: string): boolean => SOMETHING_VISIBLE.test(text);

/** Whether there is anything that cannot be seen: two names that look the same must be the same. */
export const hasInvisible = (text: string): boolean => SOMETHING_INVISIBLE.test(text);
