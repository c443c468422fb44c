import type { ConversationHead } from '@coucou/application/ports/head-reader';
import { asId, type AccountId, type ConversationId } from '@coucou/domain/kernel/ids';
import { expect, it } from 'vitest';
import { createMembershipPoll } from './membership-poll.ts';
import { type Room, Rooms } from './rooms.ts';

const account: AccountId = asId('acc');
const [same, changed, deleted] = ['same', 'changed', 'deleted'].map((id): ConversationId => asId(id)) as [
  ConversationId,
  ConversationId,
  ConversationId,
];

it('reloads rooms whose access changed or that are gone, and only while events of other nodes do not arrive', async () => {
  const rooms = new Rooms();
  const person = rooms.enter(account, asId('ann'), { conn: { write: () => {}, transport: { writable: true } } });
  for (const id of [same, changed, deleted]) rooms.follow(person, { conversationId: id, accessVersion: 3, joinedVersion: 0 });
  const heads = new Map([
    [same, 3],
    [changed, 4],
  ]);
  const reloaded: [id: ConversationId, accessVersion: number][] = [];
  let isWhole = true;
  const poll = createMembershipPoll({
    rooms,
    bus: { isWhole: () => isWhole },
    reader: {
      ofConversations: async (_account, ids) =>
        ids.flatMap((id): ConversationHead[] => {
          const accessVersion = heads.get(id);
          return accessVersion === undefined ? [] : [{ id, version: 9, receiptsVersion: 0, accessVersion }];
        }),
    },
    reload: async (room: Room, accessVersion) => void reloaded.push([room.conversationId, accessVersion]),
  });
  await poll(new AbortController().signal);
  expect(reloaded).toEqual([]);
  isWhole = false;
  await poll(new AbortController().signal);
  expect(reloaded).toEqual([
    [changed, 4],
    [deleted, 4],
  ]);
});
