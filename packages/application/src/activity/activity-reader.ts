import type { LoggedConnection } from '@coucou/domain/activity/connection';
import type { PresenceEntry } from '@coucou/domain/activity/presence-entry';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

/** The newest first; `user`: of one person only. */
export interface ActivityReader {
  listConnections(account: AccountId, user: UserId | undefined, page: PageRequest): Promise<Page<LoggedConnection>>;
  listPresence(account: AccountId, user: UserId | undefined, page: PageRequest): Promise<Page<PresenceEntry>>;
}
export const ActivityReader = token<ActivityReader>('ActivityReader');
