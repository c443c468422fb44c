/** Code points of a password that are judged: what it costs grows with the square of them. */
export const JUDGED = 32;

// Types, not interfaces: they travel as plain data.
export type StrengthQuestion = { password: string; words: readonly string[] };
/** With the library's own names of what is wrong. */
export type StrengthAnswer = { score: 0 | 1 | 2 | 3 | 4; warning: string | undefined; suggestions: readonly string[] };
