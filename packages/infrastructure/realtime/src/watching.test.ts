import { asId } from '@coucou/domain/kernel/ids';
import type { Socket } from 'socket.io';
import { describe, expect, it } from 'vitest';
import { inboxRoom, type Person, Rooms, watchRoom } from './rooms.ts';
import { createWatching } from './watching.ts';

const account = asId<'account'>('acc');
const alice = asId<'user'>('alice');
const conversationId = asId<'conversation'>('talk');
const own = `c:${account}:${conversationId}`;

/** As much of a socket as rooms need, with the list of those it is in. */
function createSocket() {
  const inside = new Set<string>();
  return {
    data: {} as Record<string, unknown>,
    inside,
    join: (rooms: string | string[]) => [rooms].flat().forEach((room) => inside.add(room)),
    leave: (room: string) => inside.delete(room),
  };
}

function setUp() {
  const rooms = new Rooms();
  const [phone, laptop] = [createSocket(), createSocket()];
  for (const socket of [phone, laptop]) socket.data['person'] = rooms.enter(account, alice, socket);
  const sockets = new Map([
    ['phone', phone],
    ['laptop', laptop],
  ]);
  return { rooms, phone, laptop, watching: createWatching({ rooms, sockets: sockets as unknown as Map<string, Socket> }) };
}

describe('watching', () => {
  it('is the socket’s own, and makes all devices follow what they did not', () => {
    const { watching, phone, laptop } = setUp();
    watching.watch('phone', { conversationId, accessVersion: 3 });
    expect(phone.inside).toContain(watchRoom(account, conversationId));
    expect(laptop.inside).not.toContain(watchRoom(account, conversationId));
    for (const socket of [phone, laptop]) expect(socket.inside).toContain(own);
    watching.unwatch('phone', account, conversationId);
    expect(phone.inside).not.toContain(watchRoom(account, conversationId));
    expect(phone.inside).toContain(own);
  });

  it('ends with the membership, for every device', () => {
    const { rooms, watching, phone, laptop } = setUp();
    for (const id of ['phone', 'laptop']) watching.watch(id, { conversationId, accessVersion: 3 });
    const person = rooms.person(account, alice);
    if (person === undefined) throw new Error('nobody is here');
    rooms.unfollow(person, conversationId, 4);
    for (const socket of [phone, laptop]) {
      expect(socket.inside).not.toContain(own);
      expect(socket.inside).not.toContain(watchRoom(account, conversationId));
    }
  });

  it('of the inbox is per account, and a socket that is gone is no error', () => {
    const { rooms, watching, phone, laptop } = setUp();
    expect(rooms.isInboxWatched(account)).toBe(false);
    watching.watchInbox('phone', account);
    watching.watchInbox('laptop', account);
    watching.unwatchInbox('laptop', account);
    expect(rooms.isInboxWatched(account)).toBe(true);
    expect(phone.inside).toContain(inboxRoom(account));
    expect(laptop.inside).not.toContain(inboxRoom(account));
    watching.unwatchInbox('phone', account);
    expect(phone.inside).not.toContain(inboxRoom(account));
    expect(rooms.isInboxWatched(account)).toBe(false);
    watching.watchInbox('phone', account);
    rooms.exit(phone.data['person'] as Person, phone);
    expect(rooms.isInboxWatched(account)).toBe(false);
    watching.watch('gone', { conversationId, accessVersion: 1 });
    watching.unwatch('gone', account, conversationId);
    watching.watchInbox('gone', account);
  });

  it('is nothing for a socket whose session has ended while its call was under way', () => {
    const { rooms, watching, phone } = setUp();
    rooms.exit(phone.data['person'] as Person, phone);
    phone.data['person'] = undefined;
    phone.inside.clear();
    watching.watch('phone', { conversationId, accessVersion: 3 });
    watching.watchInbox('phone', account);
    expect([...phone.inside]).toEqual([]);
    expect(rooms.isInboxWatched(account)).toBe(false);
  });
});
