import type { Following } from '@coucou/application/ports/current-members';
import { asId, type AccountId, type ConversationId, type UserId } from '@coucou/domain/kernel/ids';
import { beforeEach, describe, expect, it } from 'vitest';
import { createMissedJoins } from './missed-joins.ts';
import { type Person, Rooms } from './rooms.ts';

const account: AccountId = asId('acc');
const ann: UserId = asId('ann');
const one: ConversationId = asId('0b8e7a1e-0000-7000-8000-0000000000f1');
const two: ConversationId = asId('0b8e7a1e-0000-7000-8000-0000000000f2');
const follower = { conn: { write: () => {}, transport: { writable: true } } };

let rooms: Rooms;
let person: Person;
/** What the database says, and how often it was asked for more than the digest. */
let members: Following[];
let loads: number;
let told: ConversationId[][];

const following = (conversationId: ConversationId, accessVersion = 1): Following => ({
  conversationId,
  accessVersion,
  version: 7,
  receiptsVersion: 0,
  joinedVersion: 0,
});
const compare = () =>
  createMissedJoins({
    rooms,
    reader: {
      memberships: async (_account, ids) =>
        ids.map((id) => ({
          id,
          count: members.length,
          sum: members.reduce((sum, { conversationId }) => sum + Number.parseInt(conversationId.slice(-8), 16), 0),
        })),
    },
    followings: async () => {
      loads += 1;
      return members;
    },
    announce: (_person, joined) => told.push(joined.map(({ conversationId }) => conversationId)),
    graceMs: 0,
  })(new AbortController().signal);

beforeEach(() => {
  rooms = new Rooms();
  person = rooms.enter(account, ann, follower);
  rooms.admit(person, follower, [following(one)]);
  members = [following(one)];
  loads = 0;
  told = [];
});

describe('missed joins', () => {
  it('load no memberships where digests agree', async () => {
    await compare();
    expect({ loads, told }).toEqual({ loads: 0, told: [] });
  });

  it('are found, followed and announced once', async () => {
    members.push(following(two));
    await compare();
    await compare();
    expect(person.rooms.map(({ conversationId }) => conversationId)).toEqual([one, two]);
    expect({ loads, told }).toEqual({ loads: 1, told: [[two]] });
    expect(rooms.room(account, two)?.told.version).toBe(7);
  });

  it('are found where another conversation was left meanwhile, so that the count is the same', async () => {
    members = [following(two)];
    await compare();
    expect(told).toEqual([[two]]);
  });

  it('are not searched for people above the limit of followed conversations', async () => {
    person.followsAll = false;
    members.push(following(two));
    await compare();
    expect({ loads, told }).toEqual({ loads: 0, told: [] });
  });

  it('are of no interest to someone who is gone by then', async () => {
    members.push(following(two));
    const comparing = compare();
    rooms.exit(person, follower);
    await comparing;
    expect({ told, open: rooms.room(account, two) }).toEqual({ told: [], open: undefined });
  });
});
