import { z } from 'zod';
import { time } from './types.ts';

/** The one error shape of every transport. */
export const ErrorBody = z
  .object({
    code: z.string().meta({ description: 'stable; switch on this', examples: ['CONVERSATION_NOT_FOUND'] }),
    error: z.string().meta({ description: 'a sentence for a person' }),
    details: z.unknown().meta({ description: 'structured; for VALIDATION_FAILED one entry per field with its path and rule' }),
    timestamp: time,
    path: z.string().meta({ description: 'the HTTP path or the socket event' }),
    requestId: z.string(),
    docs: z.string().meta({
      description: 'the page that explains the code; without a scheme it is relative to the root of the server',
      examples: ['/docs/errors#CONVERSATION_NOT_FOUND'],
    }),
  })
  .meta({ id: 'Error' });

export type ErrorBody = z.infer<typeof ErrorBody>;
