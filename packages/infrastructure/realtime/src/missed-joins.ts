import type { Following } from '@coucou/application/ports/current-members';
import type { HeadReader, MembershipDigest } from '@coucou/application/ports/head-reader';
import type { LoadFollowings } from './followings.ts';
import { batches, type Comparison } from './heads.ts';
import type { Person, Rooms } from './rooms.ts';
import { pause } from './spread.ts';

export type MissedJoinsOptions = Readonly<{
  rooms: Rooms;
  reader: Pick<HeadReader, 'memberships'>;
  followings: LoadFollowings;
  /** Tells a person of conversations that they follow from now on. */
  announce: (person: Person, joined: readonly Following[]) => void;
  /** Grace period: recent commits are still being announced. */
  graceMs?: number;
}>;

const isCurrent = ({ rooms }: Person, { count, sum }: MembershipDigest): boolean =>
  rooms.length === count && rooms.reduce((total, { conversationId }) => total + Number.parseInt(conversationId.slice(-8), 16), 0) === sum;

/**
 * Compares the conversations that connected people follow on this node with their memberships, and follows the missing ones. Heads compare rooms, so
 * a lost join event would go unnoticed until the next connect: that person is in no room yet. A lost leave is found by the room's next event, its
 * head, or the membership poll.
 */
export function createMissedJoins({ rooms, reader, followings, announce, graceMs = 1_000 }: MissedJoinsOptions): Comparison {
  return async (stopping) => {
    const late: Person[] = [];
    for (const [account, some] of batches(rooms.everyone())) {
      const ids = some.map(({ userId }) => userId);
      const digests = new Map((await reader.memberships(account, ids)).map((digest) => [digest.id, digest]));
      for (const person of some) {
        const digest = digests.get(person.userId);
        // Of more than they follow, heads are sent by themselves.
        if (person.followsAll && digest !== undefined && !isCurrent(person, digest)) late.push(person);
      }
    }
    if (late.length === 0) return;
    await pause(graceMs, stopping);
    for (const person of late) {
      if (stopping.aborted) return;
      const current = await followings(person.account, person.userId);
      if (person.followers.length === 0) continue;
      const followed = new Set(person.rooms.map(({ conversationId }) => conversationId));
      const joined = current.filter(({ conversationId }) => !followed.has(conversationId));
      for (const following of joined) rooms.follow(person, following);
      if (joined.length > 0) announce(person, joined);
    }
  };
}
