import { counter, id, line, text, time } from '@coucou/contracts/kernel/types';
import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { integrationLimits, outcomes } from '../domain/limits.ts';

export const integrationId = id('integration');
export const name = line({ min: 1, max: integrationLimits.name }).meta({ examples: ['Alerts'] });

const address = text({ min: 1, max: integrationLimits.url })
  .refine((value) => URL.canParse(value), { error: 'must be a URL' })
  .meta({ format: 'uri', examples: ['https://example.com/hooks/coucou'] });
const trigger = line({ min: 1, max: integrationLimits.trigger }).meta({ examples: ['deploy'] });
const triggers = z
  .array(trigger)
  .max(integrationLimits.triggers)
  .transform((given) => [...new Set(given)])
  .meta({
    description: 'words with one of which a message begins, upper and lower case alike; none: every message',
    examples: [['deploy', 'rollback']],
    maxItems: integrationLimits.triggers,
  });

const mailbox = text({ min: 3, max: limits.email }).meta({ format: 'email', examples: ['alerts@example.com'] });
const host = text({ min: 1, max: integrationLimits.host })
  .regex(/^[\w.:-]+$/, { error: 'must be a host' })
  .meta({ examples: ['smtp.example.com'] });
const port = z
  .int()
  .min(1)
  .max(65_535)
  .meta({ examples: [465] });
const security = z
  .enum(['tls', 'starttls', 'none'])
  .meta({ description: 'tls: from the beginning; starttls: before anything is said; none: for internal servers that the operator allows' });
const number = text({ min: 3, max: 16 }).meta({ description: 'E.164', examples: ['+493012345678'] });
const credential = line({ min: 1, max: integrationLimits.credential }).meta({
  description: 'sealed; in no answer',
  examples: ['of your provider'],
});
const bearer = text({ min: 1, max: integrationLimits.credential })
  .regex(/^[\x21-\x7e]+$/, { error: 'must be of visible ASCII characters' })
  .meta({ description: 'sealed; in no answer', examples: ['token-of-your-provider'] });
const mail = { kind: z.literal('email'), address: mailbox, from: mailbox, host, port, security };
const telephony = {
  kind: z.literal('telephonyNumber'),
  number: number.meta({ description: 'from which text messages come: E.164', examples: ['+493012345678'] }),
  to: number.optional().meta({ description: 'E.164; absent: the provider knows', examples: ['+4917612345678'] }),
  url: address.meta({ description: 'takes `{from, to, text, id}` by POST', examples: ['https://sms.example.com/messages'] }),
  healthUrl: address
    .optional()
    .meta({ description: 'what a health check reads; absent: `url`', examples: ['https://sms.example.com/numbers/1'] }),
};

/** What is configured, and beside it what is sealed: credentials are in no answer. */
export const givenConnector = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('incomingWebhook') }),
    z.strictObject({ kind: z.literal('outgoingWebhook'), url: address, triggers: triggers.default([]) }),
    z.strictObject({ ...mail, user: credential.optional(), password: credential.optional() }),
    z.strictObject({ ...telephony, token: bearer.optional() }),
  ])
  .meta({ examples: [{ kind: 'outgoingWebhook', url: 'https://example.com/hooks/coucou', triggers: ['deploy'] }] });

const connector = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('incomingWebhook') }),
    z.object({ kind: z.literal('outgoingWebhook'), url: z.string(), triggers: z.array(trigger) }),
    z.object(mail),
    z.object(telephony),
  ])
  .meta({ examples: [{ kind: 'outgoingWebhook', url: 'https://example.com/hooks/coucou', triggers: ['deploy'] }] });

const finding = z.object({
  at: time,
  outcome: z.enum(outcomes).meta({
    description:
      'answered: with a status that is no success; authentication: the credentials were not taken; refused: an address that is not called; rejected: this message, for good; posting: that person may not post there; suspended: the account is',
  }),
  detail: z
    .string()
    .optional()
    .meta({ description: 'a status, or the code of an error', examples: ['503'] }),
});

export const Integration = z
  .object({
    id: integrationId,
    name,
    conversationId: id('conversation'),
    userId: id('user').optional().meta({ description: 'as whom it posts' }),
    connector,
    status: z.enum(['enabled', 'disabled']),
    disabledReason: z.enum(['admin', 'person', 'conversation', 'gone']).optional().meta({
      description:
        'admin: by an administrator; person, conversation: as whom or where it works was deleted; gone: its receiver answered 410',
    }),
    disabledAt: time.optional(),
    lastCheck: finding.optional().meta({ description: 'the last health check; absent where there was none since it was changed' }),
    failures: counter.meta({ description: 'attempts that failed since the last one that did not' }),
    failingSince: time.optional(),
    pausedUntil: time
      .optional()
      .meta({ description: 'nothing is tried before, after several failures or because the receiver asked for that' }),
    lastFailure: finding.optional(),
    lastDeliveredAt: time.optional().meta({ description: 'to the minute' }),
    givenUp: counter.meta({ description: 'messages that were never delivered' }),
    createdBy: id('user').optional().meta({ description: 'absent where an API key made it' }),
    createdAt: time,
  })
  .meta({ id: 'Integration' });

export const IssuedIntegration = z
  .object({
    integration: Integration,
    secret: z
      .string()
      .optional()
      .meta({ description: 'the token of an incoming webhook, or what signs an outgoing one; shown this once', examples: ['inc_…'] }),
  })
  .meta({ id: 'IssuedIntegration' });

/** What a message shows of the integration that posted it. */
export const MessageIntegration = z.object({ id: integrationId, name }).meta({ id: 'MessageIntegration' });
