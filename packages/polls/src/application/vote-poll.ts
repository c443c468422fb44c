import { useCase } from '@coucou/application/kernel/use-case';
import { Clock } from '@coucou/application/ports/clock';
import { Poll, type PollId } from '../domain/poll.ts';
import { openPoll, pollUnitOfWork, type PollView, showPoll } from './open-poll.ts';

export type VotePoll = Readonly<{ pollId: PollId; optionIds: readonly string[] }>;

/** Counts are kept with the options, so that a vote costs the same however many people voted. */
export const votePoll = useCase({
  name: 'polls.vote',
  deps: { uow: pollUnitOfWork, clock: Clock },
  run: ({ uow, clock }, { pollId, optionIds }: VotePoll, { account, actor }): Promise<PollView> =>
    uow.write(account, async (tx) => {
      const { opened, poll, choice } = await openPoll(tx, pollId, actor.userId);
      const ballot = Poll.vote(opened, poll, choice, optionIds, clock.now());
      if (ballot === undefined) return { poll, choice, message: opened.message };
      await tx.polls.vote(ballot, actor.userId);
      return { ...ballot, message: await showPoll(tx, opened, ballot.poll) };
    }),
});
