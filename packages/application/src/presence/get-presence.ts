import type { UserId } from '@coucou/domain/kernel/ids';
import { Presence } from '@coucou/domain/presence/presence';
import { Relations } from '@coucou/domain/users/relations';
import { userErrors } from '@coucou/domain/users/user';
import { socketOf, type UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { Reports } from '../moderation/repositories.ts';
import { PresenceRegistry } from '../ports/presence.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';

const ports = { uow: unitOfWork({ relations: UserRelations, users: Users, reports: Reports }), registry: PresenceRegistry };

/** A user whose presence the viewer may not see is answered as an unknown one. */
export const getPresence = useCase({
  name: 'users.presence',
  deps: ports,
  async run(given, { userId }: Readonly<{ userId: UserId }>, call) {
    const [presence] = await visible(given, [userId], call);
    if (presence === undefined) throw userErrors.USER_NOT_FOUND();
    return presence;
  },
});

/** The users that the viewer may see, in the order asked for; the calling connection subscribes to their presence. */
export const queryPresence = useCase({
  name: 'presence.query',
  deps: ports,
  async run(given, { userIds }: Readonly<{ userIds: readonly UserId[] }>, call) {
    const items = await visible(given, userIds, call);
    if (call.socketId !== undefined)
      given.registry.watch(
        call.socketId,
        items.map(({ userId }) => userId),
      );
    return { items };
  },
});

export const setPresence = useCase({
  name: 'presence.set',
  deps: { registry: PresenceRegistry },
  async run({ registry }, { status }: Readonly<{ status: 'online' | 'away' }>, call) {
    registry.set(socketOf(call), status);
  },
});

async function visible(
  { uow, registry }: Ports<typeof ports>,
  userIds: readonly UserId[],
  { account, actor }: UserCall,
): Promise<Presence[]> {
  const people = await uow.read(account, async (tx) => {
    const standings = await tx.relations.standings(actor.userId, userIds);
    const seen = userIds.filter((id) => Relations.allows('presence', standings.get(id) ?? Relations.strangers));
    return tx.users.lookupMany(seen);
  });
  const present = await registry.of(
    account,
    people.map(({ id }) => id),
  );
  const byId = new Map(people.map((user) => [user.id, user]));
  return userIds.flatMap((userId) => {
    const user = byId.get(userId);
    if (user === undefined) return [];
    const devices = present.get(userId) ?? [];
    const status = Presence.statusOf(devices);
    const presence = { userId, status, lastSeenAt: status === 'offline' ? user.lastSeenAt : undefined, devices };
    return userId === actor.userId ? presence : Presence.shared(presence);
  });
}
