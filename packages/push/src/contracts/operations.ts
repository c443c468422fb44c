import { operation } from '@coucou/contracts/kernel/operation';
import { z } from 'zod';
import { address, PushServices, PushSubscription, subscriptionId } from './subscription.ts';

const at = '/push-subscriptions';

export const pushServices = operation({
  name: 'push.services',
  summary: 'What devices can be reached by, and the key that browsers subscribe with.',
  http: { method: 'GET', path: `${at}/services`, status: 200 },
  access: 'user',
  input: z.strictObject({}),
  output: PushServices,
  errors: [],
});

export const subscribe = operation({
  name: 'push.subscribe',
  summary: 'Have pushes sent to this device, for as long as its session lasts.',
  http: { method: 'POST', path: at, status: 201 },
  access: 'user',
  idempotencyKey: 'record',
  input: address,
  output: PushSubscription,
  errors: ['PUSH_UNAVAILABLE', 'PUSH_ADDRESS_REFUSED'],
});

export const listSubscriptions = operation({
  name: 'push.list',
  summary: 'Your push subscriptions, those of your other devices too, the newest first.',
  http: { method: 'GET', path: at, status: 200 },
  access: 'user',
  input: z.strictObject({}),
  output: z.object({ items: z.array(PushSubscription) }),
  errors: [],
});

export const unsubscribe = operation({
  name: 'push.unsubscribe',
  summary: 'End the push subscriptions of this device, or one of yours.',
  http: { method: 'DELETE', path: at, status: 204 },
  access: 'user',
  idempotencyKey: 'record',
  input: z.strictObject({ subscriptionId: subscriptionId.optional().meta({ description: 'absent: all of this device' }) }),
  errors: ['PUSH_SUBSCRIPTION_NOT_FOUND'],
});
