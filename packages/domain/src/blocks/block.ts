import { defineErrors, errors } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';

export const blockErrors = defineErrors('', {
  BLOCK_LIMIT_REACHED: ['conflict', 'You have reached the maximum number of blocks; unblock someone first.'],
});

function requireOther(userId: UserId, otherId: UserId): void {
  if (userId === otherId) throw errors.VALIDATION_FAILED([{ path: ['userId'], rule: 'self', message: 'You cannot block yourself.' }]);
}

/** `count` is how many the person has blocked. */
function requireRoom(count: number): void {
  if (count >= limits.blocks) throw blockErrors.BLOCK_LIMIT_REACHED({ limit: limits.blocks });
}

export const Block = { requireOther, requireRoom };
