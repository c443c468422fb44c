import type { ScheduledMessageRepository } from '@coucou/domain/scheduled/scheduled-message-repository';
import { token } from '../kernel/token.ts';

export const ScheduledMessages = token<ScheduledMessageRepository>('ScheduledMessages');
