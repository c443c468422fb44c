import type { HistoryPage } from '@coucou/application/messages/message-reader';
import type { listMessages } from '@coucou/contracts/messages/list-messages';
import type { Message as WireMessage } from '@coucou/contracts/messages/message';
import type { Message } from '@coucou/domain/messages/message';
import type { z } from 'zod';

export const presentMessage = (message: Message): z.infer<typeof WireMessage> => ({
  id: message.id,
  conversationId: message.conversationId,
  seq: message.seq,
  version: message.version,
  senderId: message.senderId,
  clientMessageId: message.clientMessageId,
  type: message.type,
  content: message.content,
  data: message.data,
  createdAt: message.createdAt.toISOString(),
  editedAt: message.editedAt?.toISOString(),
  deletedAt: message.deletedAt?.toISOString(),
});

export const presentHistory = (page: HistoryPage): z.infer<NonNullable<(typeof listMessages)['output']>> => ({
  items: page.items.map(presentMessage),
  hasBefore: page.hasBefore,
  hasAfter: page.hasAfter,
});
