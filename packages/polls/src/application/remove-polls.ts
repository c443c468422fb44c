import { batchSubscriber, subscriber } from '@coucou/application/kernel/subscriber';
import { messageDeleted, messagesTrimmed } from '@coucou/application/messages/message-events';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { asId } from '@coucou/domain/kernel/ids';
import { pollUnitOfWork } from './open-poll.ts';
import { pollPrepared } from './poll-events.ts';
import { Polls } from './poll-repository.ts';

/** What a deleted message showed goes for good, and who voted for what with it. */
export const removeDeleted = batchSubscriber({
  name: 'polls.removeDeleted',
  on: messageDeleted,
  deps: { uow: unitOfWork({ polls: Polls }) },
  run: ({ uow }, account, events) => uow.write(account, (tx) => tx.polls.remove(events.map(({ messageId }) => asId(messageId)))),
});

/** So does what was shown by messages that were trimmed. */
export const removeTrimmed = batchSubscriber({
  name: 'polls.removeTrimmed',
  on: messagesTrimmed,
  deps: { uow: unitOfWork({ polls: Polls }) },
  run: ({ uow }, account, events) =>
    uow.write(account, (tx) => tx.polls.remove(events.flatMap(({ messageIds }) => messageIds.map((id) => asId<'poll'>(id))))),
});

/** Removes a poll whose message was never posted: a crash, or a failed send, left it behind. */
export const removeUnposted = subscriber({
  name: 'polls.removeUnposted',
  on: pollPrepared,
  deps: { uow: pollUnitOfWork },
  run: ({ uow }, { account, conversationId, pollId }) =>
    uow.write(account, async (tx) => {
      const conversation = await tx.conversations.lookup(conversationId);
      const posted = conversation && (await tx.messages.lookup(conversation, asId(pollId)));
      if (posted === undefined) await tx.polls.remove([pollId]);
    }),
});
