import type { Cancel, RunningUploads } from '@coucou/application/ports/running-uploads';
import { type Attachment, attachmentErrors } from '@coucou/domain/attachments/attachment';
import { errors } from '@coucou/domain/kernel/errors';
import type { AttachmentId } from '@coucou/domain/kernel/ids';

type Receive = Readonly<{ cancel: Cancel; ended: Promise<void> }>;

export function createRunningUploads(): RunningUploads {
  const receiving = new Map<AttachmentId, Receive>();
  const completing = new Map<AttachmentId, Promise<Attachment>>();
  return {
    async receive(id, cancel, work) {
      const earlier = receiving.get(id);
      earlier?.cancel(errors.CONFLICT({ reason: 'superseded' }));
      const { promise: ended, resolve: end } = Promise.withResolvers<void>();
      const own: Receive = { cancel, ended };
      receiving.set(id, own);
      try {
        await earlier?.ended;
        return await work();
      } finally {
        end();
        if (receiving.get(id) === own) receiving.delete(id);
      }
    },

    complete(id, work) {
      const running = completing.get(id);
      if (running !== undefined) return running;
      const started = work().finally(() => completing.delete(id));
      completing.set(id, started);
      return started;
    },

    abandon(ids) {
      for (const id of ids) receiving.get(id)?.cancel(attachmentErrors.ATTACHMENT_NOT_FOUND());
    },
  };
}
