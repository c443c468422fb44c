import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import type { MailSuppression } from '@coucou/domain/mail/mail-suppression';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

export interface MailSuppressionReader {
  /** Those that hold mail back now, the newest first; `address`: of this one only. */
  list(account: AccountId, now: Instant, address: string | undefined, page: PageRequest): Promise<Page<MailSuppression>>;
}
export const MailSuppressionReader = token<MailSuppressionReader>('MailSuppressionReader');
