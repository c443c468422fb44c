import { wired } from '@coucou/application/kernel/event';
import { bind } from '@coucou/application/kernel/operation';
import * as changes from '@coucou/application/scheduled/change-scheduled';
import * as reads from '@coucou/application/scheduled/read-scheduled';
import { ScheduledMessages } from '@coucou/application/scheduled/repositories';
import { scheduledAmended, scheduledDue, scheduledFailed } from '@coucou/application/scheduled/scheduled-events';
import { ScheduledReader } from '@coucou/application/scheduled/scheduled-reader';
import { sendDue } from '@coucou/application/scheduled/send-due';
import * as admin from '@coucou/contracts/scheduled/admin';
import * as scheduled from '@coucou/contracts/scheduled/scheduled';
import { scheduledActions } from '@coucou/domain/scheduled/audit-actions';
import { scheduledErrors } from '@coucou/domain/scheduled/scheduled-message';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { createScheduledMessageRepository } from '@coucou/postgres/scheduled/scheduled-message-repository';
import { createScheduledReader } from '@coucou/postgres/scheduled/scheduled-reader';
import { feature } from '../feature.ts';
import { presentScheduled, presentScheduledPage } from './presenters.ts';

const nothing = () => {};

export const scheduledFeature = feature({
  name: 'scheduled',
  operations: [
    bind(scheduled.createScheduled, changes.createScheduled, presentScheduled),
    bind(scheduled.listScheduled, reads.listScheduled, presentScheduledPage),
    bind(scheduled.listAllScheduled, reads.listAllScheduled, presentScheduledPage),
    bind(scheduled.getScheduled, reads.getScheduled, presentScheduled),
    bind(scheduled.updateScheduled, changes.updateScheduled, presentScheduled),
    bind(scheduled.deleteScheduled, changes.deleteScheduled, nothing),
    bind(admin.scheduleForAccount, changes.scheduleForAccount, presentScheduled),
    bind(admin.listOfAccount, reads.listOfAccount, presentScheduledPage),
    bind(admin.deleteOfAccount, changes.deleteOfAccount, nothing),
  ],
  errors: [scheduledErrors],
  auditActions: [scheduledActions],
  events: [wired(scheduledDue, {}, {}), wired(scheduledFailed, {}, {}), wired(scheduledAmended, {}, {})],
  subscribers: [sendDue],
  storage: {
    repositories: [repository(ScheduledMessages, createScheduledMessageRepository)],
    readers: [reader(ScheduledReader, createScheduledReader)],
  },
});
