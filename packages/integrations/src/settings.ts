import { settingsOf } from '@coucou/features/feature';
import { z } from 'zod';
import { IntegrationSettings } from './application/integration-repository.ts';

const within = (min: number, max: number) => z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(min).max(max));

/** Eight attempts over three and a half hours. */
const RETRIES = '5,30,120,600,1800,3600,7200';

export const integrationSettings = settingsOf(
  IntegrationSettings,
  {
    INTEGRATION_TIMEOUT: {
      about: 'How long the receiver of an integration may take to answer, in seconds.',
      expects: 'a whole number of seconds from 1 to 30',
      fallback: '10',
      schema: within(1, 30),
    },
    INTEGRATION_RETRIES: {
      about: 'Delays after each failure of an integration to deliver a message, in seconds. After the last one it is given up.',
      expects: '1 to 20 whole numbers of seconds from 1 to 86400, comma-separated',
      fallback: RETRIES,
      schema: z
        .string()
        .transform((list) => list.split(','))
        .pipe(z.array(within(1, 86_400)).min(1).max(20)),
    },
  },
  ({ INTEGRATION_TIMEOUT, INTEGRATION_RETRIES }) => ({ timeoutSeconds: INTEGRATION_TIMEOUT, retries: INTEGRATION_RETRIES }),
);
