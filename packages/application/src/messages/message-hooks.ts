import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { NewMessage } from '@coucou/domain/messages/message';
import { hookPoint } from '../kernel/hook.ts';

/** A new message, or a stored one, with its `seq`, whose content is edited. `opensDirect`: its direct conversation is not there yet. */
export type WrittenMessage = NewMessage & Readonly<{ opensDirect?: true }>;

/** Before a message is stored or its content edited. A resend is compared with the sender's original input. */
export const messageStored = hookPoint<WrittenMessage>('message.store');

/** Whom a message names, as it was written. */
export type NamedMentions = Readonly<{ conversationId: ConversationId; mentions: readonly (UserId | '@all')[] }>;

/** Before the mentions of a message are looked up: ids that stand for several people may become theirs. Nothing runs where nobody is mentioned. */
export const mentionsNamed = hookPoint<NamedMentions>('message.mention');
