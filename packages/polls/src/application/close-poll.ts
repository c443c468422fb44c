import { subscriber } from '@coucou/application/kernel/subscriber';
import { useCase } from '@coucou/application/kernel/use-case';
import { lockMessage } from '@coucou/application/messages/amend-message';
import { Clock } from '@coucou/application/ports/clock';
import { asId } from '@coucou/domain/kernel/ids';
import { Poll, type PollId } from '../domain/poll.ts';
import { openPoll, pollUnitOfWork, type PollView, showPoll } from './open-poll.ts';
import { pollDue } from './poll-events.ts';

const deps = { uow: pollUnitOfWork, clock: Clock };

export const closePoll = useCase({
  name: 'polls.close',
  deps,
  run: ({ uow, clock }, { pollId }: Readonly<{ pollId: PollId }>, { account, actor }): Promise<PollView> =>
    uow.write(account, async (tx) => {
      const { opened, poll, choice } = await openPoll(tx, pollId, actor.userId);
      const closed = Poll.close(opened, poll, clock.now());
      if (closed === undefined) return { poll, choice, message: opened.message };
      await tx.polls.close(closed);
      return { poll: closed, choice, message: await showPoll(tx, opened, closed) };
    }),
});

/** Closes a poll when its time has come. One that is closed, deleted or was never posted stays as it is. */
export const closeDuePoll = subscriber({
  name: 'polls.closeDue',
  on: pollDue,
  deps,
  run: ({ uow, clock }, { account, conversationId, pollId }) =>
    uow.write(account, async (tx) => {
      const message = await lockMessage(tx, conversationId, asId(pollId));
      if (message === undefined) return;
      const poll = await tx.polls.lookup(pollId);
      const closed = poll && Poll.closeDue(poll, clock.now());
      if (closed === undefined) return;
      await tx.polls.close(closed);
      await showPoll(tx, message, closed);
    }),
});
