import { settingsOf } from '@coucou/features/feature';
import { z } from 'zod';
import { WebhookSettings } from './application/webhook-repository.ts';

const within = (min: number, max: number) => z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(min).max(max));

/** Twelve attempts over three days. */
const RETRIES = '5,30,120,600,1800,7200,18000,36000,57600,79200,86400';

export const webhookSettings = settingsOf(
  WebhookSettings,
  {
    WEBHOOK_TIMEOUT: {
      about: 'How long a webhook may take to answer, in seconds.',
      expects: 'a whole number of seconds from 1 to 30',
      fallback: '10',
      schema: within(1, 30),
    },
    WEBHOOK_RETRIES: {
      about: 'Delays after each failure of a delivery, in seconds. After the last one it has failed.',
      expects: '1 to 30 whole numbers of seconds from 1 to 86400, comma-separated',
      fallback: RETRIES,
      schema: z
        .string()
        .transform((list) => list.split(','))
        .pipe(z.array(within(1, 86_400)).min(1).max(30)),
    },
    WEBHOOK_RETENTION: {
      about: 'How long deliveries are kept, to be looked at and replayed, in days.',
      expects: 'a whole number of days from 4 to 90',
      fallback: '14',
      schema: within(4, 90),
    },
  },
  ({ WEBHOOK_TIMEOUT, WEBHOOK_RETRIES, WEBHOOK_RETENTION }) => ({
    timeoutSeconds: WEBHOOK_TIMEOUT,
    retries: WEBHOOK_RETRIES,
    retentionDays: WEBHOOK_RETENTION,
  }),
);
