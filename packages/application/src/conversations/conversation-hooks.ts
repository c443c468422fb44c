import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { hookPoint } from '../kernel/hook.ts';

/** Before a person becomes a member of a conversation, however they come to it. */
export const memberJoins = hookPoint<Readonly<{ conversationId: ConversationId; userId: UserId }>>('member.join');
