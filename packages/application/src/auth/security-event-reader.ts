import type { SecurityEvent } from '@coucou/domain/auth/security-event';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

export type SecurityEventFilter = Readonly<{ userId?: UserId | undefined; kind?: string | undefined }>;

export interface SecurityEventReader {
  /** The newest first. */
  list(account: AccountId, filter: SecurityEventFilter, page: PageRequest): Promise<Page<SecurityEvent>>;
}
export const SecurityEventReader = token<SecurityEventReader>('SecurityEventReader');
