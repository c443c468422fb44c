import type { Schedule } from '@coucou/application/ports/schedules';
import type { FanOut } from './fan-out.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { createHeads, createUnfollowedHeads } from './heads.ts';
import type { LoadFollowings } from './followings.ts';
import { createMembershipPoll } from './membership-poll.ts';
import { createMissedJoins } from './missed-joins.ts';
import { createPace } from './pace.ts';
import type { Rooms } from './rooms.ts';

/** While the bus is away (D7). */
const POLL_EVERY_MS = 2_000;

export type ComparisonsOptions = Required<Pick<GatewayOptions, 'heads'>> &
  Pick<GatewayOptions, 'bus' | 'schedules'> &
  Readonly<{ rooms: Rooms; fanOut: FanOut; followings: LoadFollowings }>;

/** What keeps the sockets of this node right when events of other nodes are lost. Answers a function that ends it. */
export function beginComparisons({ heads, bus, schedules, rooms, fanOut, followings }: ComparisonsOptions): () => Promise<void> {
  const { reader, everyMs, graceMs } = heads;
  const [ofFollowed, ofUnfollowed] = [createPace(everyMs), createPace(everyMs)];
  const reload = fanOut.reload.bind(fanOut);
  const followed = schedules.every(
    everyMs,
    'heads',
    ofFollowed.of(
      createHeads({
        rooms,
        reader,
        announce: { toRoom: fanOut.headToRoom.bind(fanOut), toPerson: fanOut.headToPerson.bind(fanOut) },
        reload,
        spreadMs: ofFollowed.spreadMs,
        ...(graceMs !== undefined && { graceMs }),
      }),
    ),
  );
  const unfollowed = schedules.every(
    2 * everyMs,
    'unfollowed heads',
    ofUnfollowed.of(
      createUnfollowedHeads({ rooms, reader, announce: fanOut.unfollowedHeads.bind(fanOut), spreadMs: ofUnfollowed.spreadMs }),
    ),
  );
  const joins = schedules.every(
    everyMs,
    'missed joins',
    createMissedJoins({
      rooms,
      reader,
      followings,
      announce: (person, joined) =>
        fanOut.unfollowedHeads(
          person,
          joined.map(({ conversationId: id, ...head }) => ({ id, ...head })),
        ),
      ...(graceMs !== undefined && { graceMs }),
    }),
  );
  const polling = schedules.every(POLL_EVERY_MS, 'memberships', createMembershipPoll({ rooms, reader, bus, reload }));
  const running: readonly Schedule[] = [followed, unfollowed, joins, polling];
  const unsubscribe = bus.onRecovered(() => {
    ofFollowed.hurry();
    ofUnfollowed.hurry();
    followed.run();
    unfollowed.run();
    joins.run();
  });
  return async () => {
    unsubscribe();
    await Promise.all(running.map((each) => each.stop()));
  };
}
