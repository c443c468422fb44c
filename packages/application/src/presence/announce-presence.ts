import { BlockRules } from '@coucou/domain/blocks/block-rules';
import { limits } from '@coucou/domain/kernel/limits';
import { Presence } from '@coucou/domain/presence/presence';
import { Relations } from '@coucou/domain/users/relations';
import type { Ports } from '../kernel/token.ts';
import { CurrentMembers } from '../ports/current-members.ts';
import { LiveEvents } from '../ports/live-events.ts';
import { type PresenceChange, PresenceRegistry } from '../ports/presence.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { presenceChanged } from './presence-events.ts';

export const announcePresencePorts = {
  uow: unitOfWork({ users: Users, relations: UserRelations }),
  live: LiveEvents,
  registry: PresenceRegistry,
  currentMembers: CurrentMembers,
};

/**
 * Announces presence changes: to the user's own devices, friends, peers of direct conversations, and users who subscribed to
 * them or watch a conversation with them, as far as they may see it. Stores when users who went offline were last seen. Changes of one account.
 */
export async function announcePresence(
  { uow, live, registry, currentMembers }: Ports<typeof announcePresencePorts>,
  changes: readonly PresenceChange[],
): Promise<void> {
  const account = changes[0]?.account;
  if (account === undefined) return;
  const gone = new Map(changes.filter(({ devices }) => Presence.statusOf(devices) === 'offline').map(({ userId, at }) => [userId, at]));
  if (gone.size > 0) await uow.write(account, (tx) => tx.users.updateLastSeen(gone));
  for (const { userId, devices, at } of changes) {
    const watchers = await registry.watchers(account, userId);
    const followed = await currentMembers.ofUser(account, userId, limits.shownConversations);
    const { to, across } = await uow.read(account, async (tx) => {
      const blockedWith = await tx.relations.blockedWith(userId);
      const acquaintances = await tx.relations.acquaintances(userId, limits.audience);
      const others = watchers.filter((watcher) => watcher !== userId && !acquaintances.includes(watcher));
      const standings = await tx.relations.standings(userId, others);
      const allowed = others.filter((id) => Relations.allows('presence', standings.get(id) ?? Relations.strangers));
      return { to: [userId, ...acquaintances, ...allowed], across: BlockRules.hiddenFrom('presence', blockedWith) };
    });
    const status = Presence.statusOf(devices);
    const presence = { userId, status, lastSeenAt: status === 'offline' ? at : undefined, devices };
    const conversationIds = followed.map(({ conversationId }) => conversationId);
    live.publish(account, [presenceChanged({ presence, to, conversationIds, across })]);
  }
}
