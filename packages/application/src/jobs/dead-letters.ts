import type { DeadLetter } from '@coucou/domain/jobs/dead-letter';
import type { DeadLetterRepository } from '@coucou/domain/jobs/dead-letter-repository';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

export const AccountDeadLetters = token<DeadLetterRepository>('AccountDeadLetters');

export interface DeadLetterReader {
  /** The newest first. */
  list(account: AccountId, page: PageRequest): Promise<Page<DeadLetter>>;
}
export const DeadLetterReader = token<DeadLetterReader>('DeadLetterReader');
