import type { ConversationId, ScheduledMessageId } from '@coucou/domain/kernel/ids';
import { scheduledErrors } from '@coucou/domain/scheduled/scheduled-message';
import { adminUseCase, useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { isOwn } from './change-scheduled.ts';
import { ScheduledMessages } from './repositories.ts';
import { ScheduledReader } from './scheduled-reader.ts';

type Paged = Readonly<{ limit: number; cursor?: string | undefined }>;

/** Also for former members of the conversation, who see what failed. */
export const listScheduled = useCase({
  name: 'scheduled.list',
  deps: { reader: ScheduledReader },
  run: ({ reader }, { conversationId, limit, cursor }: Paged & Readonly<{ conversationId: ConversationId }>, { account, actor }) =>
    reader.ofPerson(account, actor.userId, conversationId, { limit, cursor }),
});

export const listAllScheduled = useCase({
  name: 'scheduled.listAll',
  deps: { reader: ScheduledReader },
  run: ({ reader }, { limit, cursor }: Paged, { account, actor }) => reader.ofPerson(account, actor.userId, undefined, { limit, cursor }),
});

export const listOfAccount = adminUseCase({
  name: 'admin.listScheduledMessages',
  deps: { reader: ScheduledReader },
  run: ({ reader }, { limit, cursor }: Paged, { account }) => reader.ofAccount(account, { limit, cursor }),
});

type Named = Readonly<{ conversationId: ConversationId; scheduledMessageId: ScheduledMessageId }>;

export const getScheduled = useCase({
  name: 'scheduled.get',
  deps: { uow: unitOfWork({ scheduled: ScheduledMessages }) },
  async run({ uow }, { conversationId, scheduledMessageId }: Named, { account, actor }) {
    const found = await uow.read(account, (tx) => tx.scheduled.lookup(scheduledMessageId));
    if (found === undefined || !isOwn(found, actor.userId, conversationId)) throw scheduledErrors.SCHEDULED_MESSAGE_NOT_FOUND();
    return found;
  },
});
