import type { NewMessage } from '@coucou/domain/messages/message';
import { hookPoint } from '../kernel/hook.ts';

/** Before a message is stored or its content edited. A resend is compared with the sender's original input. */
export const messageStored = hookPoint<NewMessage>('message.store');
