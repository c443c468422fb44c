import { ActivityReader } from '@coucou/application/activity/activity-reader';
import * as activity from '@coucou/application/activity/list-activity';
import { ActivityLogs } from '@coucou/application/activity/repositories';
import { trimActivity } from '@coucou/application/activity/trim-activity';
import { bind } from '@coucou/application/kernel/operation';
import * as connections from '@coucou/contracts/activity/connection-history';
import * as presence from '@coucou/contracts/activity/presence-history';
import { createActivityLogRepository } from '@coucou/postgres/activity/activity-log-repository';
import { createActivityReader } from '@coucou/postgres/activity/activity-reader';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { presentPage } from '../conversations/presenters.ts';
import { feature } from '../feature.ts';
import { presentConnection, presentLoggedConnection, presentPresenceEntry } from './presenters.ts';
import { activitySettings } from './settings.ts';

/** The connection log and the presence log: their reading and their retention. The nodes write them (`ActivityLog`). */
export const activityFeature = feature({
  name: 'activity',
  operations: [
    bind(connections.listConnectionHistory, activity.listConnectionHistory, presentPage(presentConnection)),
    bind(connections.listConnectionLogs, activity.listConnectionLog, presentPage(presentLoggedConnection)),
    bind(presence.listPresenceHistory, activity.listPresenceHistory, presentPage(presentPresenceEntry)),
    bind(presence.listPresenceLogs, activity.listPresenceLog, presentPage(presentPresenceEntry)),
  ],
  settings: activitySettings,
  jobs: [trimActivity],
  storage: {
    repositories: [repository(ActivityLogs, createActivityLogRepository)],
    readers: [reader(ActivityReader, createActivityReader)],
  },
});
