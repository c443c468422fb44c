import { Conversation } from '@coucou/domain/conversations/conversation';
import { asId, type UserId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import { User } from '@coucou/domain/users/user';
import { describe, expect, it } from 'vitest';
import { messagePosted } from '../messages/message-events.ts';
import { conversationCreated, memberJoined, memberLeft } from './conversation-events.ts';

const noon = new Date('2026-01-15T12:00:00.000Z');
const [alice, bob] = ['alice', 'bob'].map((name) => asId<'user'>(name)) as [UserId, UserId];
const conversationId = asId<'conversation'>('holidays');
const accountId = asId<'account'>('account');

const created = Conversation.createGroup({
  accountId,
  id: conversationId,
  createdBy: alice,
  now: noon,
  title: 'Holidays',
  visibility: 'private',
  memberIds: [],
});
const [owner] = created.members;
const admission = Conversation.admit(created.conversation, owner, [bob], [], 10, noon);
const [member] = admission.members;
if (owner === undefined || member === undefined) throw new Error('nobody is in it');
const departure = Conversation.remove(admission.conversation, owner, member, 1, noon);
const user = User.signUp({ accountId, id: bob, username: 'bob', email: 'bob@example.com', displayName: undefined, now: noon });
const message: Message = {
  accountId,
  conversationId,
  seq: 1,
  id: asId<'message'>('message'),
  version: 3,
  senderId: alice,
  clientMessageId: 'a client message id',
  type: 'text',
  content: 'hello',
  data: undefined,
  parts: undefined,
  replyTo: undefined,
  threadRoot: undefined,
  mentions: [],
  mentionAll: false,
  attachments: [],
  reactions: [],
  pinned: false,
  forwarded: false,
  createdAt: noon,
  editedAt: undefined,
  deletedAt: undefined,
  expiresAt: undefined,
};

const person = (userId: UserId, follows: boolean, accessVersion: number) => ({
  kind: 'person',
  userId,
  conversationId,
  follows,
  accessVersion,
});
const everybody = (accessVersion: number) => ({ kind: 'conversation', conversationId, accessVersion });

describe('who is told', () => {
  it('of a new conversation: each of its people, who follow it from then on, and those who watch the inbox', () => {
    expect(
      conversationCreated.audience(
        conversationCreated({
          ...Conversation.createGroup({
            accountId,
            id: conversationId,
            createdBy: alice,
            now: noon,
            title: '',
            visibility: 'private',
            memberIds: [bob],
          }),
          users: [],
        }),
      ),
    ).toEqual([
      { event: 'conversation:new', to: { ...person(alice, true, 1), joinedVersion: 1 } },
      { event: 'conversation:new', to: { ...person(bob, true, 1), joinedVersion: 1 } },
      { event: 'inbox:updated', to: { kind: 'inbox' } },
    ]);
  });

  it('of somebody who came: they first, so that they are in the room when the room is told', () => {
    expect(memberJoined.audience(memberJoined({ conversation: admission.conversation, member, user }))).toEqual([
      { event: 'conversation:new', to: { ...person(bob, true, 2), joinedVersion: member.version } },
      { event: 'member:joined', to: { ...everybody(2), whole: true } },
    ]);
  });

  it('of somebody who went: they first, so that they are out of the room when the room is told', () => {
    expect(memberLeft.audience(memberLeft({ ...departure }))).toEqual([
      { event: 'conversation:removed', to: person(bob, false, 3) },
      { event: 'member:left', to: { ...everybody(3), whole: true } },
    ]);
  });

  it('of a message: every member, as of the access version that it was stored under', () => {
    expect(messagePosted.audience(messagePosted({ message, accessVersion: 7 }))).toEqual([{ event: 'message:new', to: everybody(7) }]);
  });
});

describe('what is kept of an event', () => {
  it.each([
    [conversationCreated.fact?.(conversationCreated({ ...created, users: [user] })), { conversationId, version: 1, userIds: [alice] }],
    [
      memberJoined.fact?.(memberJoined({ conversation: admission.conversation, member, user })),
      { conversationId, version: member.version, userId: bob },
    ],
    [
      memberLeft.fact?.(memberLeft({ ...departure })),
      { conversationId, version: departure.member.version, userId: bob, reason: 'removed' },
    ],
    [
      messagePosted.fact?.(messagePosted({ message, accessVersion: 1 })),
      { conversationId, messageIds: ['message'], version: message.version },
    ],
  ])('is ids and versions: %j', (fact, expected) => {
    expect(fact).toEqual(expected);
  });
});
