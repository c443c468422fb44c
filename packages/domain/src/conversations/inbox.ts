import { errors } from '../kernel/errors.ts';
import type { UserId } from '../kernel/ids.ts';
import type { User } from '../users/user.ts';
import { Conversation, type InboxStatus, type Member } from './conversation.ts';

/** Absent: unchanged. `null`: cleared. */
export type Triage = Readonly<{
  status?: InboxStatus | undefined;
  assigneeId?: UserId | null | undefined;
  labels?: readonly string[] | undefined;
}>;

/** Support agents see the inbox of the whole account. */
const isAgent = (user: Pick<User, 'role'> | undefined): boolean => user?.role === 'owner' || user?.role === 'admin';

function requireAgent(user: User | undefined): void {
  if (!isAgent(user)) throw errors.FORBIDDEN({ action: 'inbox' });
}

/** A member of the conversation, or a support agent. */
const isAssignable = (assignee: User, member: Member | undefined): boolean =>
  isAgent(assignee) || (member !== undefined && member.leftAt === undefined);

function requireAssignable(assignee: User, member: Member | undefined): void {
  if (isAssignable(assignee, member)) return;
  throw errors.VALIDATION_FAILED([
    { path: ['assigneeId'], rule: 'assignable', message: 'The assignee must be a member of the conversation or a support agent.' },
  ]);
}

/** Undefined when nothing changes. */
function triage(
  conversation: Conversation,
  by: Readonly<{ user: User | undefined; member: Member | undefined }>,
  change: Triage,
): Conversation | undefined {
  if (!isAgent(by.user)) Conversation.requirePermission(conversation, by.member, 'triage');
  const after: Conversation = {
    ...conversation,
    status: change.status ?? conversation.status,
    assigneeId: change.assigneeId === undefined ? conversation.assigneeId : (change.assigneeId ?? undefined),
    labels: change.labels === undefined ? conversation.labels : [...new Set(change.labels)],
  };
  if (
    after.status === conversation.status &&
    after.assigneeId === conversation.assigneeId &&
    after.labels.join('\n') === conversation.labels.join('\n')
  )
    return undefined;
  return { ...after, version: conversation.version + 1 };
}

export const Inbox = { isAgent, requireAgent, isAssignable, requireAssignable, triage };
