import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unreadMessages } from './unread.ts';

const message = fc.record({ countable: fc.boolean(), own: fc.boolean() });

describe('unread messages', () => {
  it('are the countable ones of others after the mark, wherever the mark is', () => {
    fc.assert(
      fc.property(fc.array(message), fc.nat(), (messages, place) => {
        const mark = place % (messages.length + 1);
        const counted = messages.filter(({ countable }) => countable);
        const after = messages.slice(mark).filter(({ countable }) => countable);
        const counts = {
          unreadBase: messages.slice(0, mark).filter(({ countable }) => countable).length,
          ownSince: after.filter(({ own }) => own).length,
        };
        expect(unreadMessages({ countable: counted.length }, counts)).toBe(after.filter(({ own }) => !own).length);
      }),
    );
  });
});
