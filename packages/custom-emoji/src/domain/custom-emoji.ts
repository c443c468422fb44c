import { defineErrors } from '@coucou/domain/kernel/errors';
import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import { MOST_EMOJI } from './limits.ts';

export const customEmojiErrors = defineErrors('EMOJI', {
  NOT_FOUND: ['not_found', 'There is no such emoji in this account.'],
  LIMIT_REACHED: ['conflict', 'The account has as many emoji as it may have; delete one first.'],
});

/** An image that people of the account react and write with. It is in the account once under its name. */
export type CustomEmoji = Readonly<{ accountId: AccountId; name: string; imageUrl: string; createdAt: Instant }>;

/** `count`: how many the account has without the one that is added. */
function requireRoom(count: number): void {
  if (count >= MOST_EMOJI) throw customEmojiErrors.LIMIT_REACHED({ limit: MOST_EMOJI });
}

export const CustomEmoji = { requireRoom };
