import type { Schedule } from '@coucou/application/ports/schedules';
import type { FanOut } from './fan-out.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { createHeads, createUnfollowedHeads } from './heads.ts';
import type { LoadFollowings } from './followings.ts';
import { createMembershipPoll } from './membership-poll.ts';
import { createMissedJoins } from './missed-joins.ts';
import type { Rooms } from './rooms.ts';

/** While the bus is away (D7). */
const POLL_EVERY_MS = 2_000;
/** Events were lost, and people wait for them. */
const RECOVERED_SPREAD_MS = 1_500;

export type ComparisonsOptions = Required<Pick<GatewayOptions, 'heads'>> &
  Pick<GatewayOptions, 'bus' | 'schedules'> &
  Readonly<{ rooms: Rooms; fanOut: FanOut; followings: LoadFollowings }>;

/** What keeps the sockets of this node right when events of other nodes are lost. Answers a function that ends it. */
export function beginComparisons({ heads, bus, schedules, rooms, fanOut, followings }: ComparisonsOptions): () => Promise<void> {
  const { reader, everyMs, graceMs } = heads;
  /** Of the next comparison, and of the one that runs. */
  let isUrgent = false;
  let spreadMs = everyMs / 6;
  const announce = { toRoom: fanOut.headToRoom.bind(fanOut), toPerson: fanOut.headToPerson.bind(fanOut) };
  const reload = fanOut.reload.bind(fanOut);
  const compareFollowed = createHeads({
    rooms,
    reader,
    announce,
    reload,
    spreadMs: () => spreadMs,
    ...(graceMs !== undefined && { graceMs }),
  });
  const followed = schedules.every(everyMs, 'heads', async (stopping) => {
    spreadMs = isUrgent ? Math.min(RECOVERED_SPREAD_MS, everyMs / 6) : everyMs / 6;
    isUrgent = false;
    await compareFollowed(stopping);
  });
  const unfollowed = schedules.every(
    2 * everyMs,
    'unfollowed heads',
    createUnfollowedHeads({ rooms, reader, announce: fanOut.unfollowedHeads.bind(fanOut), spreadMs: () => spreadMs }),
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
    isUrgent = true;
    followed.run();
    unfollowed.run();
    joins.run();
  });
  return async () => {
    unsubscribe();
    await Promise.all(running.map((each) => each.stop()));
  };
}
