import type { ActivityLogRepository } from '@coucou/domain/activity/activity-log-repository';
import { token } from '../kernel/token.ts';

export const ActivityLogs = token<ActivityLogRepository>('ActivityLogs');
