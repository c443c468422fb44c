import { sendMessage } from '@coucou/contracts/messages/send-message';
import { hasVisible } from '@coucou/domain/kernel/visible';
import { z } from 'zod';

const { content, data } = sendMessage.input.shape;

/** What a hook answers. What takes the place of a message is what a client might have sent; fields that are not known are passed over. */
export const Verdict = z.discriminatedUnion('action', [
  z.object({ action: z.literal('accept') }),
  z
    .object({
      action: z.literal('change'),
      content: content.refine((given) => given === undefined || hasVisible(given), { error: 'shows nothing' }),
      data,
    })
    .refine((change) => change.content !== undefined || change.data !== undefined, { error: 'changes nothing' }),
  // A refusal stays one, whatever is given as its reason.
  z.object({ action: z.literal('refuse'), reason: z.string().optional().catch(undefined) }),
]);
