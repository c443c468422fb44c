import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { subscriber } from '@coucou/application/kernel/subscriber';
import { useCase } from '@coucou/application/kernel/use-case';
import { lockMessage } from '@coucou/application/messages/amend-message';
import { Clock } from '@coucou/application/ports/clock';
import { asId } from '@coucou/domain/kernel/ids';
import { pollActions } from '../domain/audit-actions.ts';
import { Poll, type PollId } from '../domain/poll.ts';
import { openPoll, pollUnitOfWork, type PollView, showPoll } from './open-poll.ts';
import { pollDue } from './poll-events.ts';

const deps = { uow: pollUnitOfWork, clock: Clock };

export const closePoll = useCase({
  name: 'polls.close',
  deps: { uow: pollUnitOfWork, ...auditPorts },
  run: ({ uow, ...ports }, { pollId }: Readonly<{ pollId: PollId }>, call): Promise<PollView> =>
    uow.write(call.account, async (tx) => {
      const { userId } = call.actor;
      const { opened, poll, choice } = await openPoll(tx, pollId, userId);
      const closed = Poll.close(opened, poll, ports.clock.now());
      if (closed === undefined) return { poll, choice, message: opened.message };
      await tx.polls.close(closed);
      const { conversationId, senderId: authorId } = opened.message;
      if (authorId !== userId)
        await recordAudit(ports, tx, call, pollActions.poll_closed, { target: pollId, details: { conversationId, authorId } });
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
