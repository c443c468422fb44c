import type { Attachment } from '@coucou/domain/attachments/attachment';
import type { AccountId, AttachmentId, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

export interface AttachmentReader {
  /**
   * Those of the files that this person may open now, in one query and in any order: their own while no message uses them, else what a live
   * message uses which they can see. None for who is suspended.
   */
  openable(account: AccountId, viewer: UserId, ids: readonly AttachmentId[]): Promise<readonly Attachment[]>;
}
export const AttachmentReader = token<AttachmentReader>('AttachmentReader');
