import { operation } from '@coucou/contracts/kernel/operation';
import { counter, givenTime, page, pageInput, time } from '@coucou/contracts/kernel/types';
import { z } from 'zod';
import { webhookLimits } from '../domain/limits.ts';
import {
  address,
  deliveredEvent,
  Delivery,
  deliveryId,
  deliveryState,
  description,
  events,
  IssuedWebhook,
  ShownDelivery,
  Webhook,
  webhookId,
} from './webhook.ts';

const at = '/admin/webhooks';
const ofOne = `${at}/:webhookId`;

export const listWebhooks = operation({
  name: 'admin.listWebhooks',
  summary: 'The webhooks of the account, the newest first.',
  http: { method: 'GET', path: at, status: 200 },
  access: 'admin',
  scope: 'webhooks:read',
  input: z.strictObject({}),
  output: z.object({ items: z.array(Webhook) }),
  errors: [],
});

export const getWebhook = operation({
  name: 'admin.getWebhook',
  summary: 'One webhook of the account.',
  http: { method: 'GET', path: ofOne, status: 200 },
  access: 'admin',
  scope: 'webhooks:read',
  input: z.strictObject({ webhookId }),
  output: Webhook,
  errors: ['WEBHOOK_NOT_FOUND'],
});

export const createWebhook = operation({
  name: 'admin.createWebhook',
  summary: 'Have events of the account sent to an address. The answer holds the secret, which is shown once.',
  http: { method: 'POST', path: at, status: 201 },
  access: 'admin',
  scope: 'webhooks:write',
  answersToken: true,
  input: z.strictObject({
    url: address,
    description: description.optional(),
    events,
    ordered: z.boolean().default(false).meta({ description: 'events of one conversation one after the other, in their order' }),
  }),
  output: IssuedWebhook,
  errors: ['WEBHOOK_URL_REFUSED', 'WEBHOOK_LIMIT_REACHED', 'REAUTHENTICATION_REQUIRED'],
});

export const updateWebhook = operation({
  name: 'admin.updateWebhook',
  summary: 'Change a webhook, or enable and disable it; an absent field is unchanged. What waits is sent to a new address.',
  http: { method: 'PATCH', path: ofOne, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'webhooks:write',
  input: z.strictObject({
    webhookId,
    url: address.optional(),
    description: description.nullable().optional(),
    events: events.optional(),
    ordered: z.boolean().optional(),
    enabled: z.boolean().optional(),
  }),
  output: Webhook,
  errors: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_URL_REFUSED', 'REAUTHENTICATION_REQUIRED'],
});

export const deleteWebhook = operation({
  name: 'admin.deleteWebhook',
  summary: 'Delete a webhook, with what waits for it and its log.',
  http: { method: 'DELETE', path: ofOne, status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'webhooks:write',
  input: z.strictObject({ webhookId }),
  errors: ['WEBHOOK_NOT_FOUND'],
});

export const rotateWebhookSecret = operation({
  name: 'admin.rotateWebhookSecret',
  summary: 'Replace the secret of a webhook. The old one signs as well for the time of the overlap.',
  http: { method: 'POST', path: `${ofOne}/secret`, status: 200 },
  access: 'admin',
  scope: 'webhooks:write',
  answersToken: true,
  input: z.strictObject({ webhookId, overlapSeconds: z.int().min(0).max(webhookLimits.overlapSeconds).default(86_400) }),
  output: IssuedWebhook,
  errors: ['WEBHOOK_NOT_FOUND', 'REAUTHENTICATION_REQUIRED'],
});

export const testWebhook = operation({
  name: 'admin.testWebhook',
  summary: 'Send a webhook.test event; its delivery says what became of it.',
  http: { method: 'POST', path: `${ofOne}/test`, status: 201 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'webhooks:write',
  input: z.strictObject({ webhookId }),
  output: Delivery,
  errors: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_DISABLED'],
});

export const listWebhookDeliveries = operation({
  name: 'admin.listWebhookDeliveries',
  summary: 'What was sent to a webhook, or waits for it, the newest first.',
  http: { method: 'GET', path: `${ofOne}/deliveries`, status: 200 },
  access: 'admin',
  scope: 'webhooks:read',
  input: z.strictObject({ webhookId, state: deliveryState.optional(), event: deliveredEvent.optional(), ...pageInput }),
  output: page(Delivery),
  errors: ['WEBHOOK_NOT_FOUND', 'CURSOR_INVALID'],
});

export const getWebhookDelivery = operation({
  name: 'admin.getWebhookDelivery',
  summary: 'One delivery with its log: each request and its answer.',
  http: { method: 'GET', path: `${ofOne}/deliveries/:deliveryId`, status: 200 },
  access: 'admin',
  scope: 'webhooks:read',
  input: z.strictObject({ webhookId, deliveryId }),
  output: ShownDelivery,
  errors: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_DELIVERY_NOT_FOUND'],
});

export const replayWebhookDelivery = operation({
  name: 'admin.replayWebhookDelivery',
  summary: 'Send one delivery again, under the same id.',
  http: { method: 'POST', path: `${ofOne}/deliveries/:deliveryId/replay`, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'webhooks:write',
  input: z.strictObject({ webhookId, deliveryId }),
  output: Delivery,
  errors: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_DELIVERY_NOT_FOUND', 'WEBHOOK_DISABLED'],
});

export const replayWebhookDeliveries = operation({
  name: 'admin.replayWebhookDeliveries',
  summary: `Send again what failed, or all that has ended, of a time; ${webhookLimits.replayed} of them at most, the oldest first.`,
  http: { method: 'POST', path: `${ofOne}/replay`, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  scope: 'webhooks:write',
  input: z.strictObject({
    webhookId,
    deliveries: z.enum(['failed', 'all']).default('failed'),
    from: givenTime.optional().meta({ description: 'when the first of them came up' }),
    to: givenTime.optional().meta({ description: 'those that came up before' }),
  }),
  output: z.object({
    replayed: counter,
    nextFrom: time.optional().meta({ description: '`from` of the next call; absent when all were taken' }),
  }),
  errors: ['WEBHOOK_NOT_FOUND', 'WEBHOOK_DISABLED'],
});
