import type { MessageRepository } from '@coucou/domain/messages/message-repository';
import type { MessageIndexRepository } from '@coucou/domain/messages/message-index-repository';
import { token } from '../kernel/token.ts';

export const Messages = token<MessageRepository>('Messages');
export const MessageIndex = token<MessageIndexRepository>('MessageIndex');
