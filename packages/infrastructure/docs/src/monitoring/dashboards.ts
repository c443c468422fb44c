import { accounts } from './dashboards/accounts.ts';
import { databaseRedis } from './dashboards/database-redis.ts';
import { jobs } from './dashboards/jobs.ts';
import { messaging } from './dashboards/messaging.ts';
import { overview } from './dashboards/overview.ts';
import { realtime } from './dashboards/realtime.ts';
import type { Dashboard } from './panels.ts';

/** The folder of Grafana, by the names of its files in deploy/grafana/dashboards. */
export const dashboards: Readonly<Record<string, Dashboard>> = {
  overview,
  messaging,
  realtime,
  'database-redis': databaseRedis,
  jobs,
  accounts,
};
