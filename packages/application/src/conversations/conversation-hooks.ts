import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { hookPoint } from '../kernel/hook.ts';

/** Before a user becomes a member of a conversation, by any way of joining. */
export const memberJoins = hookPoint<Readonly<{ conversationId: ConversationId; userId: UserId }>>('member.join');
