import type { Attachment } from '@coucou/domain/attachments/attachment';
import type { AccountId, AttachmentId, UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

export interface AttachmentReader {
  /**
   * A file that this person may open now, in one query: their own while no message uses it, else one that a live message uses which
   * they can see.
   */
  openable(account: AccountId, viewer: UserId, id: AttachmentId): Promise<Attachment | undefined>;
}
export const AttachmentReader = token<AttachmentReader>('AttachmentReader');
