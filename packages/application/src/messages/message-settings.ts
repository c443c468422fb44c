import type { MessageSizes } from '@coucou/domain/messages/message-sizes';
import { token } from '../kernel/token.ts';

export type MessageSettings = MessageSizes &
  Readonly<{
    /** How long after posting an author may edit, and delete for everyone, in seconds; undefined: no limit. */
    editWindowSeconds: number | undefined;
    deleteWindowSeconds: number | undefined;
  }>;
export const MessageSettings = token<MessageSettings>('MessageSettings');
