import type { MessageRepository } from '@coucou/domain/messages/message-repository';
import type { MessageSearchRepository } from '@coucou/domain/messages/message-search-repository';
import { token } from '../kernel/token.ts';

export const Messages = token<MessageRepository>('Messages');
export const MessageSearch = token<MessageSearchRepository>('MessageSearch');
