import type { Page, PageRequest } from '@coucou/application/conversations/conversation-reader';
import { useCase } from '@coucou/application/kernel/use-case';
import type { UserId } from '@coucou/domain/kernel/ids';
import { Poll, type PollId } from '../domain/poll.ts';
import { openPoll, pollUnitOfWork, type PollView } from './open-poll.ts';

export const getPoll = useCase({
  name: 'polls.get',
  deps: { uow: pollUnitOfWork },
  run: ({ uow }, { pollId }: Readonly<{ pollId: PollId }>, { account, actor }): Promise<PollView> =>
    uow.read(account, async (tx) => {
      const { opened, ...found } = await openPoll(tx, pollId, actor.userId, { lock: false });
      return { ...found, message: opened.message };
    }),
});

export type ListVoters = Readonly<{ pollId: PollId; optionId: string; limit: number; cursor?: string | undefined }>;

export const listVoters = useCase({
  name: 'polls.voters',
  deps: { uow: pollUnitOfWork },
  run: ({ uow }, { pollId, optionId, limit, cursor }: ListVoters, { account, actor }): Promise<Page<UserId>> =>
    uow.read(account, async (tx) => {
      const { poll } = await openPoll(tx, pollId, actor.userId, { lock: false });
      Poll.requireVoters(poll, optionId);
      const page: PageRequest = { limit, cursor };
      return tx.polls.voters(pollId, optionId, page);
    }),
});
