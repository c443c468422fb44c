import type { AppendRequest, AppendResult, MessageLog } from '@coucou/application/ports/message-log';
import { Session, type SignInMethod } from '@coucou/domain/auth/session';
import type { TestUnitOfWork } from '../support/repositories.ts';
import { Conversation, type ConversationSettings } from '@coucou/domain/conversations/conversation';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import type { Message, MessageDraft } from '@coucou/domain/messages/message';
import { User } from '@coucou/domain/users/user';
import { createIds } from '@coucou/runtime/ids';

export const ids = createIds();

export type Name = 'alice' | 'bob' | 'carol' | 'dan';

/** What is told apart from what is the same for every test: an account of its own, so that tests share a database without meeting. */
export async function createAccount(uow: TestUnitOfWork): Promise<AccountId> {
  const id = ids.next<'account'>();
  await uow.system('accounts', (tx) => tx.addAccount({ id, name: 'Test', clientKey: id, createdAt: new Date() }));
  return id;
}

export async function createUsers(
  uow: TestUnitOfWork,
  account: AccountId,
  names: readonly string[],
  userIds: readonly UserId[] = [],
): Promise<UserId[]> {
  const users = names.map((name, index) => {
    const id = userIds[index] ?? ids.next<'user'>();
    return User.signUp({
      accountId: account,
      id,
      username: `${name}-${id}`,
      email: `${id}@example.com`,
      displayName: name,
      now: new Date(),
    });
  });
  await uow.write(account, async (tx) => {
    for (const user of users) await tx.users.add(user, 'no hash');
  });
  return users.map((user) => user.id);
}

/** An account with some people in it. */
export async function createPeople<N extends Name>(
  uow: TestUnitOfWork,
  ...names: N[]
): Promise<{ account: AccountId } & Record<N, UserId>> {
  const account = await createAccount(uow);
  const users = await createUsers(uow, account, names);
  return { account, ...(Object.fromEntries(names.map((name, index) => [name, users[index]])) as Record<N, UserId>) };
}

export type GroupOptions = { id?: ConversationId; settings?: Partial<ConversationSettings> };

export async function createGroup(
  uow: TestUnitOfWork,
  account: AccountId,
  [owner, ...memberIds]: readonly [UserId, ...UserId[]],
  { id = ids.next<'conversation'>(), settings }: GroupOptions = {},
): Promise<ConversationId> {
  const admission = Conversation.createGroup({
    accountId: account,
    id,
    createdBy: owner,
    now: new Date(),
    title: 'A group',
    visibility: 'private',
    memberIds,
    settings,
  });
  await uow.write(account, async (tx) => void (await tx.conversations.add(admission)));
  return id;
}

/** Admits people by the group's owner. */
export async function admit(
  uow: TestUnitOfWork,
  account: AccountId,
  id: ConversationId,
  by: UserId,
  userIds: readonly UserId[],
): Promise<void> {
  await uow.write(account, async (tx) => {
    const conversation = await tx.conversations.lock(id);
    if (conversation === undefined) throw new Error('no such conversation');
    const rows = await tx.conversations.members(id, [by, ...userIds]);
    const admission = Conversation.admit(
      conversation,
      rows.find((row) => row.userId === by),
      userIds,
      rows,
      limits.groupMembers,
      new Date(),
    );
    await tx.conversations.admit(admission);
  });
}

export async function remove(uow: TestUnitOfWork, account: AccountId, id: ConversationId, by: UserId, userId: UserId): Promise<void> {
  await uow.write(account, async (tx) => {
    const conversation = await tx.conversations.lock(id);
    if (conversation === undefined) throw new Error('no such conversation');
    const rows = await tx.conversations.members(id, [by, userId]);
    const [actor, target] = [by, userId].map((each) => rows.find((row) => row.userId === each));
    await tx.conversations.depart(Conversation.remove(conversation, actor, target, 1, new Date()));
  });
}

export type Sending = Pick<MessageDraft, 'accountId' | 'conversationId' | 'senderId'> & Partial<MessageDraft>;

/** A request to post; every send is another message unless a `clientMessageId` says otherwise. */
export function sending({ type = 'text', content = 'hello', data, ...rest }: Sending): AppendRequest {
  const draft: MessageDraft = {
    id: ids.next(),
    clientMessageId: ids.next(),
    accessVersion: 1,
    countable: type !== 'system',
    slowable: false,
    parts: undefined,
    replyTo: undefined,
    threadRoot: undefined,
    mentions: [],
    mentionAll: false,
    attachments: [],
    forwarded: false,
    type,
    content,
    data,
    ...rest,
  };
  return { draft, asSent: { type, content, data } };
}

export function expectStored(result: AppendResult): Message {
  if (result.status !== 'stored') throw new Error(`expected a stored message, was answered "${result.status}"`);
  return result.message;
}

/** Sends that arrive in the same turn of the event loop. */
export const sendAll = (log: MessageLog, requests: readonly AppendRequest[]): Promise<AppendResult[]> =>
  Promise.all(requests.map((request) => log.append(request)));

export const range = (from: number, to: number): number[] => Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

/** A session as signing in opens it, whose tokens are nobody's; it expires after seven days. */
export async function createSession(
  uow: TestUnitOfWork,
  {
    accountId,
    userId,
    now,
    method = 'password',
  }: Pick<Session, 'accountId' | 'userId'> & Readonly<{ now: Date; method?: SignInMethod | undefined }>,
): Promise<Session> {
  const session = Session.open({
    accountId,
    id: ids.next<'session'>(),
    userId,
    method,
    ip: '192.0.2.1',
    userAgent: 'a test',
    tokenHash: '',
    keyThumbprint: undefined,
    now,
    lifetimes: { ttlSeconds: 604_800 },
  });
  await uow.write(accountId, (tx) => tx.sessions.add(session));
  return session;
}
