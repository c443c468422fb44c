import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { ScheduledMessage } from '@coucou/domain/scheduled/scheduled-message';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

/** Lists, the one that is sent next first. */
export interface ScheduledReader {
  /** A person's own, of one conversation or of all. */
  ofPerson(
    account: AccountId,
    person: UserId,
    conversation: ConversationId | undefined,
    page: PageRequest,
  ): Promise<Page<ScheduledMessage>>;
  ofAccount(account: AccountId, page: PageRequest): Promise<Page<ScheduledMessage>>;
}
export const ScheduledReader = token<ScheduledReader>('ScheduledReader');
