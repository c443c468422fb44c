import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../conversations/conversation.ts';
import { type ConversationType, type MemberRole, permissions } from '../conversations/permissions.ts';
import { asId } from '../kernel/ids.ts';
import { Message, type NewMessage, type PostingSnapshot } from '../messages/message.ts';
import { Typing } from './typing.ts';

const noon = new Date('2026-01-15T12:00:00.000Z');
const hello: NewMessage = {
  accountId: asId('account'),
  conversationId: asId('conversation'),
  id: asId('message'),
  senderId: asId('alice'),
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
  forwarded: false,
};

const both = [false, true];
const roles: readonly MemberRole[] = ['owner', 'admin', 'moderator', 'member'];
const members: readonly PostingSnapshot['member'][] = [
  undefined,
  ...roles.flatMap((role) =>
    [undefined, noon].flatMap((leftAt) =>
      [undefined, noon, new Date(noon.getTime() + 1)].map((postingMutedUntil) => ({ role, leftAt, postingMutedUntil })),
    ),
  ),
];
/** Everything that a decision to post can rest on. */
const snapshots: readonly PostingSnapshot[] = (Object.keys(permissions) as ConversationType[]).flatMap((type) =>
  members.flatMap((member) =>
    both.flatMap((announcementsOnly) =>
      both.flatMap((blocked) =>
        both.flatMap((suspended) =>
          [undefined, noon, new Date(noon.getTime() + 1)].map((mutedUntil) => ({
            type,
            settings: { ...defaultSettings, announcementsOnly },
            accessVersion: 1,
            member,
            blocked,
            suspended,
            mutedUntil,
          })),
        ),
      ),
    ),
  ),
);

const mayPost = (snapshot: PostingSnapshot): boolean => {
  try {
    Message.post(snapshot, hello, noon);
    return true;
  } catch {
    return false;
  }
};

describe('typing', () => {
  it('is shown of exactly those who may post', () => {
    expect(snapshots.filter((snapshot) => Typing.isShown(snapshot, noon))).toEqual(snapshots.filter(mayPost));
  });

  it('is shown of some and not of others', () => {
    const shown = snapshots.filter((snapshot) => Typing.isShown(snapshot, noon));
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.length).toBeLessThan(snapshots.length);
    expect(shown.every(({ blocked, suspended, member }) => !blocked && !suspended && member?.leftAt === undefined)).toBe(true);
  });
});
