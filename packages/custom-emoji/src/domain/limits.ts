/** The shortcode of a reaction without its colons: `:party-parrot:` is the one of `party-parrot`. */
export const emojiName = /^[a-z0-9_+-]{1,30}$/;

/** Custom emoji of one account. A client fetches the whole set to draw reactions. */
export const MOST_EMOJI = 1_000;
