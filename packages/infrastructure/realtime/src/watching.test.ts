import { asId } from '@coucou/domain/kernel/ids';
import type { Socket } from 'socket.io';
import { describe, expect, it } from 'vitest';
import { type Person, type Room, Rooms } from './rooms.ts';
import { createWatching } from './watching.ts';

const account = asId<'account'>('acc');
const alice = asId<'user'>('alice');
const conversationId = asId<'conversation'>('talk');

/** As much of a socket as rooms need. */
const createSocket = () => ({
  data: {} as Record<string, unknown>,
  conn: { write: () => {}, transport: { writable: true } },
});

function setUp() {
  const rooms = new Rooms();
  const [phone, laptop] = [createSocket(), createSocket()];
  for (const socket of [phone, laptop]) socket.data['person'] = rooms.enter(account, alice, socket);
  const sockets = new Map([
    ['phone', phone],
    ['laptop', laptop],
  ]);
  for (const socket of [phone, laptop]) rooms.admit(socket.data['person'] as Person, socket, []);
  const watchers = () => rooms.watchersOf(account, [conversationId], []);
  const members = () => rooms.socketsOf(rooms.room(account, conversationId) as Room);
  return {
    rooms,
    phone,
    laptop,
    watchers,
    members,
    watching: createWatching({ rooms, sockets: sockets as unknown as Map<string, Socket> }),
  };
}

describe('watching', () => {
  it('is the socket’s own, and makes all devices follow what they did not', () => {
    const { watching, phone, laptop, watchers, members } = setUp();
    watching.watch('phone', { conversationId, accessVersion: 3, joinedVersion: 0 });
    expect(watchers()).toEqual([phone]);
    expect(members()).toEqual([phone, laptop]);
    watching.unwatch('phone', account, conversationId);
    expect(watchers()).toEqual([]);
    expect(members()).toEqual([phone, laptop]);
  });

  it('ends with the membership, for every device', () => {
    const { rooms, watching, watchers } = setUp();
    for (const id of ['phone', 'laptop']) watching.watch(id, { conversationId, accessVersion: 3, joinedVersion: 0 });
    const person = rooms.person(account, alice);
    if (person === undefined) throw new Error('nobody is here');
    expect(watchers()).toHaveLength(2);
    rooms.unfollow(person, conversationId, 4);
    expect(watchers()).toEqual([]);
    expect(rooms.room(account, conversationId)).toBeUndefined();
  });

  it('of the inbox is per account, and a socket that is gone is no error', () => {
    const { rooms, watching, phone } = setUp();
    expect(rooms.inboxWatchers(account)).toEqual([]);
    watching.watchInbox('phone', account);
    watching.watchInbox('laptop', account);
    watching.unwatchInbox('laptop', account);
    expect(rooms.inboxWatchers(account)).toEqual([phone]);
    watching.unwatchInbox('phone', account);
    expect(rooms.inboxWatchers(account)).toEqual([]);
    watching.watchInbox('phone', account);
    rooms.exit(phone.data['person'] as Person, phone);
    expect(rooms.inboxWatchers(account)).toEqual([]);
    watching.watch('gone', { conversationId, accessVersion: 1, joinedVersion: 0 });
    watching.unwatch('gone', account, conversationId);
    watching.watchInbox('gone', account);
  });

  it('is nothing for a socket whose session has ended while its call was under way', () => {
    const { rooms, watching, phone } = setUp();
    rooms.exit(phone.data['person'] as Person, phone);
    phone.data['person'] = undefined;
    watching.watch('phone', { conversationId, accessVersion: 3, joinedVersion: 0 });
    watching.watchInbox('phone', account);
    expect(rooms.room(account, conversationId)).toBeUndefined();
    expect(rooms.inboxWatchers(account)).toEqual([]);
  });
});
