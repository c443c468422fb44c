import { ActivitySettings } from '@coucou/application/activity/activity-settings';
import { z } from 'zod';
import { settingsOf } from '../feature.ts';

const days = z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(1).max(3_650));
const expects = 'a whole number of days from 1 to 3650';

export const activitySettings = settingsOf(
  ActivitySettings,
  {
    RETENTION_CONNECTION_LOG: {
      about: 'How long the connection log keeps a connection after its end, in days.',
      expects,
      fallback: '7',
      schema: days,
    },
    RETENTION_PRESENCE_LOG: {
      about: 'How long the presence log keeps who was online, away and offline, in days.',
      expects,
      fallback: '30',
      schema: days,
    },
  },
  ({ RETENTION_CONNECTION_LOG, RETENTION_PRESENCE_LOG }) => ({
    connectionDays: RETENTION_CONNECTION_LOG,
    presenceDays: RETENTION_PRESENCE_LOG,
  }),
);
