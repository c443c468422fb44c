import type { Attachment } from '@coucou/domain/attachments/attachment';
import type { AttachmentId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** Ends a body that is being received: reading it throws this error. */
export type Cancel = (error: Error) => void;

/**
 * The uploads that run on this node. Each attachment has at most one body on its way and one completion, so that what is written
 * for it never exceeds the room that it reserved.
 */
export interface RunningUploads {
  /**
   * Runs `work` as the one receive of this attachment. The latest wins, since a client that lost its connection sends again at once:
   * an earlier receive is cancelled with `CONFLICT`, and has ended before `work` starts.
   */
  receive<Result>(id: AttachmentId, cancel: Cancel, work: () => Promise<Result>): Promise<Result>;
  /** Runs `work` as the one completion of this attachment; a caller that comes meanwhile gets the same outcome. */
  complete(id: AttachmentId, work: () => Promise<Attachment>): Promise<Attachment>;
  /** Cancels what is still being received for attachments that are gone, whose room is given back. */
  abandon(ids: readonly AttachmentId[]): void;
}
export const RunningUploads = token<RunningUploads>('RunningUploads');
