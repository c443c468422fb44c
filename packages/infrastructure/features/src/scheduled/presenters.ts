import type { ScheduledMessage as Wire } from '@coucou/contracts/scheduled/scheduled-message';
import type { ScheduledMessage } from '@coucou/domain/scheduled/scheduled-message';
import type { z } from 'zod';
import { presentPage } from '../conversations/presenters.ts';

const orNothing = <T>(items: readonly T[]): T[] | undefined => (items.length === 0 ? undefined : [...items]);

export const presentScheduled = (scheduled: ScheduledMessage): z.infer<typeof Wire> => ({
  id: scheduled.id,
  conversationId: scheduled.conversationId,
  senderId: scheduled.senderId,
  status: scheduled.status,
  sendAt: scheduled.nextAt.toISOString(),
  recurrence: scheduled.recurrence && {
    rrule: scheduled.recurrence.rrule,
    timeZone: scheduled.recurrence.timeZone,
    startsAt: scheduled.startsAt.toISOString(),
  },
  type: scheduled.type,
  content: scheduled.content,
  data: scheduled.data,
  replyToId: scheduled.replyToId,
  threadRootId: scheduled.threadRootId,
  attachmentIds: orNothing(scheduled.attachmentIds),
  mentions: orNothing(scheduled.mentions),
  expiresInSeconds: scheduled.expiresInSeconds,
  refusals: scheduled.refusals || undefined,
  refusal: scheduled.refusal,
  createdAt: scheduled.createdAt.toISOString(),
  updatedAt: scheduled.updatedAt.toISOString(),
});

export const presentScheduledPage = presentPage(presentScheduled);
