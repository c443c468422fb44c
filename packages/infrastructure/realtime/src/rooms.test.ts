import { asId, type AccountId, type ConversationId, type UserId } from '@coucou/domain/kernel/ids';
import { describe, expect, it } from 'vitest';
import { type Follower, type Room, Rooms } from './rooms.ts';

const account: AccountId = asId('acc');
const [ann, bob] = ['ann', 'bob'].map((id): UserId => asId(id)) as [UserId, UserId];
const [talk, team] = ['talk', 'team'].map((id): ConversationId => asId(id)) as [ConversationId, ConversationId];

const createSocket = (): Follower => ({ conn: { write: () => {}, transport: { writable: true } } });
const following = (conversationId: ConversationId) => ({
  conversationId,
  accessVersion: 1,
  version: 0,
  receiptsVersion: 0,
  joinedVersion: 0,
});

function setUp() {
  const rooms = new Rooms();
  const enter = (userId: UserId, ...conversations: readonly ConversationId[]) => {
    const socket = createSocket();
    const person = rooms.enter(account, userId, socket);
    rooms.admit(person, socket, conversations.map(following));
    return { socket, person };
  };
  const room = (id: ConversationId) => rooms.room(account, id) as Room;
  /** What the database answers of a room's members: the versions at which they joined. */
  const reload = (accessVersion: number, joined: Readonly<Record<string, number>>, asked = [...room(talk).members.keys()]) =>
    rooms.reconcile(room(talk), asked, accessVersion, new Map(Object.entries(joined).map(([id, version]) => [asId(id), version])));
  return { rooms, enter, room, reload };
}

describe('the sockets of a conversation', () => {
  it('are all of each member, once, and not those of people left out', () => {
    const { rooms, enter, room } = setUp();
    const [phone, laptop, other] = [enter(ann, talk, team), enter(ann, talk, team), enter(bob, talk)];
    expect(rooms.socketsOf(room(talk))).toEqual([phone.socket, laptop.socket, other.socket]);
    expect(rooms.socketsOf(room(talk), [ann])).toEqual([other.socket]);
    expect(rooms.socketsOf(room(team))).toEqual([phone.socket, laptop.socket]);
  });

  it('are without one whose conversations are being loaded', () => {
    const { rooms, enter, room } = setUp();
    const phone = enter(ann, talk);
    const laptop = createSocket();
    const person = rooms.enter(account, ann, laptop);
    expect(rooms.socketsOf(room(talk))).toEqual([phone.socket]);
    expect(person.followers).toEqual([phone.socket, laptop]);
    rooms.admit(person, laptop, []);
    expect(rooms.socketsOf(room(talk))).toEqual([phone.socket, laptop]);
  });

  it('go with the last socket of a person, and the room with its last member', () => {
    const { rooms, enter, room } = setUp();
    const [phone, laptop, other] = [enter(ann, talk), enter(ann, talk), enter(bob, talk)];
    const { person } = phone;
    rooms.exit(person, phone.socket);
    expect(rooms.socketsOf(room(talk))).toEqual([laptop.socket, other.socket]);
    rooms.exit(person, laptop.socket);
    expect(rooms.person(account, ann)).toBeUndefined();
    expect(rooms.socketsOf(room(talk))).toEqual([other.socket]);
    rooms.exit(other.person, other.socket);
    expect(rooms.size).toEqual({ rooms: 0, people: 0 });
    expect([...rooms.all(), ...rooms.everyone()]).toEqual([]);
  });

  it('keep none of a member who left while an older answer was under way', () => {
    const { rooms, enter, room, reload } = setUp();
    const [phone, other] = [enter(ann, talk), enter(bob, talk)];
    const asked = [...room(talk).members.keys()];
    rooms.unfollow(phone.person, talk, 2);
    reload(3, { ann: 1, bob: 1 }, asked);
    expect(rooms.socketsOf(room(talk))).toEqual([other.socket]);
    expect(room(talk).accessVersion).toBe(3);
  });

  it('are left out of what was committed before they joined again', () => {
    const { rooms, enter, room, reload } = setUp();
    const [phone, other] = [enter(ann, talk), enter(bob, talk)];
    // The node has heard neither that Ann left nor that she came back.
    reload(3, { ann: 7, bob: 1 });
    expect(rooms.socketsOf(room(talk), [], 6)).toEqual([other.socket]);
    expect(rooms.socketsOf(room(talk), [], 7)).toEqual([phone.socket, other.socket]);
    expect(rooms.socketsOf(room(talk))).toEqual([phone.socket, other.socket]);
    // An answer from before the second join arrives late.
    rooms.follow(phone.person, { conversationId: talk, accessVersion: 2, joinedVersion: 5 });
    expect(rooms.socketsOf(room(talk), [], 6)).toEqual([other.socket]);
    rooms.exit(phone.person, phone.socket);
    expect([...(room(talk).joined?.keys() ?? [])]).toEqual([other.person]);
  });

  it('are left out of it by the database’s answer, though they watched the conversation first', () => {
    const { rooms, enter, room, reload } = setUp();
    const [phone, other] = [enter(ann, talk), enter(bob, talk)];
    rooms.watch(phone.person, phone.socket, { conversationId: talk, accessVersion: 3, joinedVersion: 0 });
    reload(3, { ann: 7, bob: 1 });
    expect(rooms.socketsOf(room(talk), [], 6)).toEqual([other.socket]);
  });
});

describe('the watchers', () => {
  it('of several conversations hear each event once, and people left out do not', () => {
    const { rooms, enter } = setUp();
    const [phone, laptop, other] = [enter(ann, talk, team), enter(ann, talk, team), enter(bob, talk)];
    for (const id of [talk, team]) rooms.watch(phone.person, phone.socket, following(id));
    rooms.watch(other.person, other.socket, following(talk));
    expect(rooms.watchersOf(account, [talk, team], [])).toEqual([phone.socket, other.socket]);
    expect(rooms.watchersOf(account, [talk, team], [ann])).toEqual([other.socket]);
    rooms.exit(phone.person, phone.socket);
    expect(rooms.watchersOf(account, [talk, team], [])).toEqual([other.socket]);
    expect(rooms.socketsOf(rooms.room(account, team) as Room)).toEqual([laptop.socket]);
  });
});
