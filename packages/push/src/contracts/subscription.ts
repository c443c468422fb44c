import { id, text, time } from '@coucou/contracts/kernel/types';
import { z } from 'zod';
import { pushLimits } from '../domain/limits.ts';

export const subscriptionId = id('pushSubscription');

const base64url = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[\w-]+={0,2}$/, 'is no URL-safe base64');

const endpoint = text({ min: 1, max: pushLimits.endpoint })
  .refine((value) => URL.canParse(value), { error: 'must be a URL' })
  .meta({ format: 'uri', examples: ['https://push.example.com/send/dGhpcyBpcyBhIGRldmljZQ'] });

const keys = z.strictObject({
  p256dh: base64url(100).meta({
    description: "the device's public key",
    examples: ['BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'],
  }),
  auth: base64url(40).meta({ description: 'the secret of the subscription', examples: ['BTBZMqHH6r4Tts7J_aSIgg'] }),
});

const token = text({ min: 1, max: pushLimits.token }).meta({
  examples: ['740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad'],
});

/** Of `web` the fields of `PushSubscription.toJSON()` of browsers; `expirationTime` is not used. */
export const address = z.discriminatedUnion('service', [
  z.strictObject({ service: z.literal('web'), endpoint, expirationTime: z.number().nullish(), keys }),
  z.strictObject({ service: z.literal('apns'), token }),
  z.strictObject({ service: z.literal('fcm'), token }),
]);

const service = z.enum(['web', 'apns', 'fcm']).meta({ description: 'web: Web Push and UnifiedPush' });

export const PushSubscription = z
  .object({
    id: subscriptionId,
    service,
    sessionId: id('session').meta({ description: 'of the device, with which it ends' }),
    current: z.boolean().meta({ description: 'whether it is of the device that asks' }),
    failingSince: time.optional().meta({ description: 'since when nothing has been taken; absent while pushes are' }),
    createdAt: time,
  })
  .meta({ id: 'PushSubscription' });

export const PushServices = z
  .object({
    services: z.array(service).meta({ description: 'that this server has keys for' }),
    vapidKey: z
      .string()
      .optional()
      .meta({
        description: 'the applicationServerKey that browsers subscribe with',
        examples: ['BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8'],
      }),
  })
  .meta({ id: 'PushServices' });
