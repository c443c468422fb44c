/** What makes a password easy to guess. Codes are stable; the sentences are for clients that have none of their own. */
export const strengthWarnings = {
  straight_row: 'A row of keys on the keyboard is easy to guess.',
  key_pattern: 'A short pattern of keys on the keyboard is easy to guess.',
  simple_repeat: 'The same character over and over is easy to guess.',
  extended_repeat: 'The same few characters over and over are easy to guess.',
  sequences: 'Sequences such as "abc" or "6543" are easy to guess.',
  recent_years: 'Recent years are easy to guess.',
  dates: 'Dates are easy to guess.',
  top_ten: 'This is one of the ten commonest passwords.',
  top_hundred: 'This is one of the hundred commonest passwords.',
  common: 'This is a common password.',
  similar_to_common: 'This is close to a common password.',
  word_by_itself: 'A single word is easy to guess.',
  names_by_themselves: 'A single name is easy to guess.',
  common_names: 'Common names are easy to guess.',
  user_inputs: 'Your own names and those of this service are tried first.',
} as const;
export type StrengthWarning = keyof typeof strengthWarnings;

/** What would make it harder. */
export const strengthSuggestions = {
  l33t: 'Signs in place of letters, such as "@" for "a", add little.',
  reverse_words: 'Words spelt backwards add little.',
  all_uppercase: 'Capitals throughout add little.',
  capitalization: 'A capital at the beginning adds little.',
  dates: 'Leave out dates and years that have to do with you.',
  recent_years: 'Leave out recent years.',
  associated_years: 'Leave out years that have to do with you.',
  sequences: 'Leave out sequences of characters.',
  repeated: 'Leave out words and characters that repeat.',
  longer_keyboard_pattern: 'Use a longer pattern of keys with several turns.',
  another_word: 'Add another word or two, uncommon ones.',
  use_words: 'Use several words that do not belong together.',
  no_need: 'Signs, digits and capitals are not needed.',
} as const;
export type StrengthSuggestion = keyof typeof strengthSuggestions;

/** From 0, guessed at once, to 4, out of reach. */
export type StrengthScore = 0 | 1 | 2 | 3 | 4;

export type PasswordStrength = Readonly<{
  score: StrengthScore;
  warning: StrengthWarning | undefined;
  suggestions: readonly StrengthSuggestion[];
}>;
