import { may, mayBy } from '@coucou/domain/conversations/permissions';
import { defineErrors, errors } from '@coucou/domain/kernel/errors';
import type { AccountId, ConversationId, Id, Instant, UserId } from '@coucou/domain/kernel/ids';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import { requireUnhindered } from '@coucou/domain/messages/message';
import type { OpenedMessage } from '@coucou/domain/messages/message-change';
import { pollLimits } from './limits.ts';
import { pollPermissions } from './permissions.ts';

export const pollErrors = defineErrors('POLL', {
  NOT_FOUND: ['not_found', 'There is no such poll.'],
  CLOSED: ['conflict', 'This poll is closed.'],
  CHOICE_INVALID: ['invalid', 'Choose among the options of this poll, and more than one only if it allows several.'],
  ANONYMOUS: ['forbidden', 'This poll is anonymous: nobody can see who voted for what.'],
});

/** A poll's id is the id of the message that shows it. */
export type PollId = Id<'poll'>;

/** `id` is unique within its poll and never changes. */
export type PollOption = Readonly<{ id: string; text: string; votes: number }>;

export type Poll = Readonly<{
  accountId: AccountId;
  conversationId: ConversationId;
  id: PollId;
  createdBy: UserId;
  question: string;
  options: readonly PollOption[];
  multiple: boolean;
  anonymous: boolean;
  closesAt: Instant | undefined;
  /** Absent while it is open; after `closesAt` votes are rejected even before the poll is marked closed. */
  closedAt: Instant | undefined;
}>;

export type NewPoll = Omit<Poll, 'options' | 'closedAt'> & Readonly<{ options: readonly string[] }>;

/** Options that one person chose, in the order of the poll. */
export type Choice = readonly string[];

/** A vote as decided: the poll with its new counts, and what changes of one person's choice. */
export type Ballot = Readonly<{ poll: Poll; choice: Choice; added: Choice; removed: Choice }>;

/** Throws `VALIDATION_FAILED` unless it closes in the future, and not too far ahead. */
function create({ options, ...poll }: NewPoll, now: Instant): Poll {
  const { closesAt } = poll;
  if (closesAt !== undefined && (isPast(closesAt, now) || closesAt > addSeconds(now, pollLimits.openSeconds)))
    throw errors.VALIDATION_FAILED([
      { path: ['closesAt'], rule: 'future', message: 'The closing time must be in the future, within a year.' },
    ]);
  return { ...poll, options: options.map((text, index) => ({ id: String(index + 1), text: text.trim(), votes: 0 })), closedAt: undefined };
}

const isClosed = ({ closedAt, closesAt }: Poll, now: Instant): boolean =>
  closedAt !== undefined || (closesAt !== undefined && isPast(closesAt, now));

/**
 * Replaces this person's earlier choice with `chosen`; an empty choice withdraws the vote. Undefined when that changes
 * nothing. Votes stay counted when those who gave them leave the conversation.
 */
function vote({ snapshot }: OpenedMessage, poll: Poll, former: Choice, chosen: Choice, now: Instant): Ballot | undefined {
  requireUnhindered(snapshot);
  if (!may(snapshot.type, snapshot.member.role, 'react')) throw errors.FORBIDDEN({ action: 'react' });
  if (isClosed(poll, now)) throw pollErrors.CLOSED();
  const choice = poll.options.map(({ id }) => id).filter((id) => chosen.includes(id));
  const unknown = chosen.filter((id) => !choice.includes(id));
  if (unknown.length > 0) throw pollErrors.CHOICE_INVALID({ unknown });
  if (choice.length > 1 && !poll.multiple) throw pollErrors.CHOICE_INVALID({ limit: 1 });
  const added = choice.filter((id) => !former.includes(id));
  const removed = former.filter((id) => !choice.includes(id));
  if (added.length === 0 && removed.length === 0) return undefined;
  const change = (id: string) => Number(added.includes(id)) - Number(removed.includes(id));
  const options = poll.options.map((option) => ({ ...option, votes: option.votes + change(option.id) }));
  return { poll: { ...poll, options }, choice, added, removed };
}

/** Its time has come. Undefined when it is closed already. */
const closeDue = (poll: Poll, now: Instant): Poll | undefined => (poll.closedAt === undefined ? { ...poll, closedAt: now } : undefined);

/** Closed by its author, or by a member who may close others' polls. Undefined when already closed. */
function close({ snapshot, viewer }: OpenedMessage, poll: Poll, now: Instant): Poll | undefined {
  requireUnhindered(snapshot);
  if (viewer !== poll.createdBy && !mayBy(pollPermissions, snapshot.type, snapshot.member.role, 'closePoll'))
    throw errors.FORBIDDEN({ action: 'closePoll' });
  return closeDue(poll, now);
}

/** Throws unless those who see the poll may see who voted for the option. */
function requireVoters(poll: Poll, optionId: string): void {
  if (poll.anonymous) throw pollErrors.ANONYMOUS();
  if (!poll.options.some(({ id }) => id === optionId)) throw pollErrors.CHOICE_INVALID({ unknown: [optionId] });
}

/** What the poll's message shows of it: plain JSON, the same for everybody. */
const shown = ({ question, options, multiple, anonymous, closesAt, closedAt }: Poll) => ({
  question,
  options: options.map(({ id, text, votes }) => ({ id, text, votes })),
  multiple,
  anonymous,
  ...(closesAt && { closesAt: closesAt.toISOString() }),
  closed: closedAt !== undefined,
});

export const Poll = { create, vote, close, closeDue, requireVoters, shown };
