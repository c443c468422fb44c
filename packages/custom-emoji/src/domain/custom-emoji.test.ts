import { describe, expect, it } from 'vitest';
import { CustomEmoji } from './custom-emoji.ts';
import { emojiName } from './limits.ts';

describe('the custom emoji of an account', () => {
  it('are at most 1,000', () => {
    expect(() => CustomEmoji.requireRoom(999)).not.toThrow();
    expect(() => CustomEmoji.requireRoom(1_000)).toThrow(expect.objectContaining({ code: 'EMOJI_LIMIT_REACHED' }));
  });

  it.each(['party-parrot', '+1', 'a', 'x'.repeat(30), 'snake_case'])('may be called %j', (name) => {
    expect(emojiName.test(name)).toBe(true);
  });

  it.each(['', 'Parrot', 'two words', ':parrot:', 'x'.repeat(31), 'é', 'a\n'])('may not be called %j', (name) => {
    expect(emojiName.test(name)).toBe(false);
  });
});
