import type { Page, PageRequest } from '@coucou/application/conversations/conversation-reader';
import { token } from '@coucou/application/kernel/token';
import type { UserId } from '@coucou/domain/kernel/ids';
import type { Ballot, Choice, Poll, PollId } from '../domain/poll.ts';

/**
 * Polls of the unit of work's account. It decides nothing about who may see one: a poll is reached by its message. Writers
 * hold the lock of its conversation.
 */
export interface PollRepository {
  add(poll: Poll): Promise<void>;
  lookup(id: PollId): Promise<Poll | undefined>;
  /** With what this person chose. */
  lookupFor(id: PollId, user: UserId): Promise<Readonly<{ poll: Poll; choice: Choice }> | undefined>;
  vote(ballot: Ballot, user: UserId): Promise<void>;
  close(poll: Poll): Promise<void>;
  /** In the order of their ids. A cursor of another list throws `CURSOR_INVALID`. */
  voters(id: PollId, optionId: string, page: PageRequest): Promise<Page<UserId>>;
  /** Votes included; those that are not there are passed over. */
  remove(ids: readonly PollId[]): Promise<void>;
}
export const Polls = token<PollRepository>('Polls');
