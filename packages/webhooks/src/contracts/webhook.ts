import { counter, id, line, text, time } from '@coucou/contracts/kernel/types';
import { z } from 'zod';
import { webhookLimits } from '../domain/limits.ts';

export const webhookId = id('webhook');
export const deliveryId = id('webhookDelivery');

export const address = text({ min: 1, max: webhookLimits.url })
  .refine((value) => URL.canParse(value), { error: 'must be a URL' })
  .meta({ format: 'uri', examples: ['https://example.com/hooks/coucou'] });

export const description = line({ min: 1, max: webhookLimits.description }).meta({ examples: ['CRM'] });

const names = [
  'message.created',
  'message.updated',
  'message.deleted',
  'conversation.created',
  'conversation.updated',
  'conversation.deleted',
  'member.joined',
  'member.updated',
  'member.left',
  'user.updated',
] as const;
const event = z.enum(names);
export const events = z
  .array(event)
  .min(1)
  .max(names.length)
  .transform((given) => [...new Set(given)])
  .meta({ examples: [['message.created', 'message.deleted']], minItems: 1, maxItems: names.length });

export const deliveredEvent = z.enum([...names, 'webhook.test']);
export const deliveryState = z.enum(['pending', 'delivered', 'failed']);

export const Webhook = z
  .object({
    id: webhookId,
    url: z.string().meta({ examples: ['https://example.com/hooks/coucou'] }),
    description: description.optional(),
    events: z.array(event),
    ordered: z.boolean().meta({ description: 'events of one conversation arrive one after the other, in their order' }),
    status: z.enum(['enabled', 'disabled']),
    disabledReason: z
      .enum(['admin', 'gone', 'failing'])
      .optional()
      .meta({ description: 'admin: by an administrator; gone: it answered 410; failing: nothing arrived for three days' }),
    disabledAt: time.optional(),
    failingSince: time.optional().meta({ description: 'since when nothing has arrived; absent while it answers' }),
    pausedUntil: time.optional().meta({ description: 'when it is tried next, after several failures or because it asked for that' }),
    previousSecretUntil: time.optional().meta({ description: 'until when the secret before the last rotation signs as well' }),
    createdBy: id('user').optional().meta({ description: 'absent where an API key made it' }),
    createdAt: time,
  })
  .meta({ id: 'Webhook' });

export const IssuedWebhook = z
  .object({
    webhook: Webhook,
    secret: z.string().meta({ description: 'by which the receiver verifies; shown this once', examples: ['whsec_…'] }),
  })
  .meta({ id: 'IssuedWebhook' });

const outcome = z.enum(['delivered', 'answered', 'gone', 'redirected', 'refused', 'unreachable', 'timeout', 'too_large', 'not_http']).meta({
  description:
    'answered: with another status than 2xx, 3xx and 410; refused: the address may not be called; too_large: of the answer; redirected: nothing is followed',
});
const status = z.int().meta({ description: 'of HTTP', examples: [503] });

const delivery = {
  id: deliveryId,
  eventId: z
    .string()
    .meta({ description: 'the header webhook-id, the same whenever it is sent', examples: ['evt_01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f'] }),
  event: deliveredEvent,
  conversationId: id('conversation').optional(),
  state: deliveryState,
  attempts: counter.meta({ description: 'since it came up, or was replayed last' }),
  lastOutcome: outcome.optional(),
  lastStatus: status.optional(),
  nextAttemptAt: time.optional().meta({ description: 'absent where nothing more is tried' }),
  createdAt: time,
  endedAt: time.optional(),
};

export const Delivery = z.object(delivery).meta({ id: 'WebhookDelivery' });

const attempt = z.object({
  at: time,
  durationMs: counter,
  request: z.object({
    url: z.string().meta({ description: 'without its query', examples: ['https://example.com/hooks/coucou'] }),
    bytes: counter,
    sha256: z.string().meta({
      description: 'of the body, in hexadecimal',
      examples: ['9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
    }),
  }),
  outcome,
  response: z
    .object({ status, body: z.string().meta({ description: `the first ${webhookLimits.answerKept} characters`, examples: ['try later'] }) })
    .optional()
    .meta({ description: 'absent where none arrived' }),
});

export const ShownDelivery = z
  .object({
    ...delivery,
    body: z.string().meta({ description: 'what a request holds, or would hold now', examples: ['{"type":"message.created",…}'] }),
    log: z.array(attempt).meta({ description: 'the oldest first' }),
  })
  .meta({ id: 'ShownWebhookDelivery' });
