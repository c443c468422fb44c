import { counter, id, text, time } from '@coucou/contracts/kernel/types';
import { sendMessage } from '@coucou/contracts/messages/send-message';
import { z } from 'zod';
import { beforeSendLimits as limits } from '../domain/limits.ts';

export const address = text({ min: 1, max: limits.url })
  .refine((value) => URL.canParse(value), { error: 'must be a URL' })
  .meta({ format: 'uri', examples: ['https://example.com/before-send'] });

export const timeoutMs = z
  .int()
  .min(limits.timeoutMs.min)
  .max(limits.timeoutMs.max)
  .meta({ description: 'how long an answer may take, in milliseconds', examples: [limits.timeoutMs.default] });

export const onFailure = z.enum(['accept', 'refuse']).meta({
  description:
    'what becomes of a message when there is no usable answer in time: it goes on as it is (fail-open), or is refused with HOOK_UNAVAILABLE (fail-closed)',
});

export const conversationType = z.enum(['direct', 'group']);
export const conversationTypes = z
  .array(conversationType)
  .min(1)
  .max(2)
  .transform((given) => [...new Set(given)])
  .meta({ description: 'messages of other conversations are not asked about', minItems: 1, maxItems: 2 });

export const failure = z
  .enum(['answered', 'invalid', 'redirected', 'address_refused', 'unreachable', 'timeout', 'too_large', 'not_http'])
  .meta({
    description:
      'answered: with another status than 200; invalid: no answer that is understood, or a change that a message may not take; redirected: nothing is followed; address_refused: the address may not be called',
  });
const status = z
  .int()
  .optional()
  .meta({ description: 'of HTTP, where there was an answer', examples: [503] });

const Health = z.object({
  state: z
    .enum(['closed', 'open', 'halfOpen'])
    .meta({ description: 'of the circuit breaker: closed: each message is asked about; open: none is; halfOpen: the next one finds out' }),
  failures: counter.meta({ description: 'since the last answer' }),
  retryAt: time.optional().meta({ description: 'when the next message is asked about, while the breaker is open' }),
  lastAnswerAt: time.optional(),
  lastFailure: z.object({ at: time, failure, status }).optional(),
});

export const BeforeSendHook = z
  .object({
    url: z.string().meta({ examples: ['https://example.com/before-send'] }),
    timeoutMs,
    onFailure,
    conversationTypes: z.array(conversationType),
    enabled: z.boolean(),
    health: Health.meta({ description: 'as the node that answers has seen it since it was started or the hook changed' }),
    previousSecretUntil: time.optional().meta({ description: 'until when the secret before the last rotation signs as well' }),
    createdBy: id('user').optional().meta({ description: 'absent where an API key made it' }),
    createdAt: time,
    changedAt: time,
  })
  .meta({ id: 'BeforeSendHook' });

export const IssuedBeforeSendHook = z
  .object({
    hook: BeforeSendHook,
    secret: z.string().meta({ description: 'by which the receiver verifies; shown this once', examples: ['whsec_…'] }),
  })
  .meta({ id: 'IssuedBeforeSendHook' });

export const TestedBeforeSendHook = z
  .object({
    outcome: z.enum(['accept', 'change', 'refuse', 'failure']),
    content: z.string().optional().meta({ description: 'instead of the text' }),
    data: z.record(z.string(), z.unknown()).optional(),
    reason: z.string().optional().meta({ description: 'what the sender would be told' }),
    failure: failure.optional(),
    status,
    durationMs: counter,
  })
  .meta({ id: 'TestedBeforeSendHook' });

/** What a message may say, by the schema of clients. */
export const content = sendMessage.input.shape.content.unwrap().meta({ examples: ['Call me: 555 0100'] });
