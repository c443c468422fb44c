import type { NewMessage } from '@coucou/domain/messages/message';
import { hookPoint } from '../kernel/hook.ts';

/** Before a message is stored, or what it says is changed. The sender's input stays what a resend is compared with. */
export const messageStored = hookPoint<NewMessage>('message.store');
