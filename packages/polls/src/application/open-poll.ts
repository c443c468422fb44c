import { AuditLog } from '@coucou/application/audit/audit-log';
import { amendMessage } from '@coucou/application/messages/amend-message';
import { openMessage } from '@coucou/application/messages/open-message';
import { Conversations } from '@coucou/application/conversations/repositories';
import { Messages } from '@coucou/application/messages/repositories';
import { unitOfWork, type Writing } from '@coucou/application/ports/unit-of-work';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import { ChatError } from '@coucou/domain/kernel/errors';
import { asId, type UserId } from '@coucou/domain/kernel/ids';
import { type Message, messageErrors } from '@coucou/domain/messages/message';
import type { ChangeableMessage, OpenedMessage } from '@coucou/domain/messages/message-change';
import type { MessageRepository } from '@coucou/domain/messages/message-repository';
import { type Choice, Poll, type PollId, pollErrors } from '../domain/poll.ts';
import { type PollRepository, Polls } from './poll-repository.ts';

export type PollRepositories = Readonly<{ polls: PollRepository; messages: MessageRepository; conversations: ConversationRepository }>;
export const pollUnitOfWork = unitOfWork({ auditLog: AuditLog, polls: Polls, messages: Messages, conversations: Conversations });

/** A poll as one person sees it. */
export type PollView = Readonly<{ poll: Poll; choice: Choice; message: Message }>;

export type OpenedPoll = Readonly<{ poll: Poll; choice: Choice; opened: OpenedMessage }>;

/**
 * A poll by its id, as this person sees it, its conversation locked where it is to be changed. Throws `POLL_NOT_FOUND` to those who may
 * not see its message, and for a message without a poll.
 */
export async function openPoll(
  tx: PollRepositories,
  id: PollId,
  viewer: UserId,
  options?: Readonly<{ lock: boolean }>,
): Promise<OpenedPoll> {
  const opened = await openMessage(tx, asId<'message'>(id), viewer, options).catch((error: unknown) => {
    throw error instanceof ChatError && error.code === messageErrors.MESSAGE_NOT_FOUND.code ? pollErrors.NOT_FOUND() : error;
  });
  const found = opened.message.deletedAt === undefined ? await tx.polls.lookupFor(id, viewer) : undefined;
  if (found === undefined) throw pollErrors.NOT_FOUND();
  return { ...found, opened };
}

/** Shows the poll as it is now in its message: one version, one `message:updated`. */
export const showPoll = (tx: Writing<PollRepositories>, message: ChangeableMessage, poll: Poll): Promise<Message> =>
  amendMessage(tx, message, 'poll', Poll.shown(poll));
