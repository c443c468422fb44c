import { BlockRules } from '@coucou/domain/blocks/block-rules';
import type { UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { Presence } from '@coucou/domain/presence/presence';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import { Relations } from '@coucou/domain/users/relations';
import type { Ports } from '../kernel/token.ts';
import { LiveEvents } from '../ports/live-events.ts';
import { type PresenceChange, PresenceRegistry } from '../ports/presence.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { presenceChanged } from './presence-events.ts';

export const announcePresencePorts = {
  uow: unitOfWork({ users: Users, relations: UserRelations }),
  live: LiveEvents,
  registry: PresenceRegistry,
};

type Given = Ports<typeof announcePresencePorts>;

/** Users announced by one statement. */
const BATCH = 200;

/**
 * Announces presence changes: to the user's own devices, friends, peers of direct conversations, and users who subscribed to
 * them or watch a conversation with them, as far as they may see it. Stores when users who went offline were last seen. Changes of one account.
 */
export async function announcePresence(given: Given, changes: readonly PresenceChange[]): Promise<void> {
  const account = changes[0]?.account;
  if (account === undefined) return;
  const gone = new Map(changes.filter(({ devices }) => Presence.statusOf(devices) === 'offline').map(({ userId, at }) => [userId, at]));
  if (gone.size > 0) await given.uow.write(account, (tx) => tx.users.updateLastSeen(gone));
  await tellPresence(given, changes);
}

/** The same for changes that another node decided and stored; `live` reaches whom it has not. Changes of one account. */
export async function tellPresence({ uow, live, registry }: Given, changes: readonly PresenceChange[]): Promise<void> {
  for (let from = 0; from < changes.length; from += BATCH) {
    const batch = changes.slice(from, from + BATCH);
    const account = batch[0]?.account;
    if (account === undefined) return;
    const watchers = await watchersOf(registry, batch);
    const size = { people: limits.audience, conversations: limits.shownConversations };
    const { circles, allowed } = await uow.read(account, async (tx) => {
      const found = await tx.relations.circles([...watchers.keys()], size);
      const others = [...watchers].flatMap(([userId, ids]) =>
        ids.filter((id) => found.get(userId)?.acquaintances.includes(id) !== true).map((id) => [userId, id] as const),
      );
      return { circles: found, allowed: await allowedOf(tx.relations, others) };
    });
    const events = batch.flatMap((change) => {
      const { userId } = change;
      const circle = circles.get(userId);
      if (circle === undefined) return [];
      const { acquaintances, blockedWith, conversationIds } = circle;
      const to = [userId, ...acquaintances, ...(allowed.get(userId) ?? [])];
      const across = BlockRules.hiddenFrom('presence', blockedWith);
      return presenceChanged({ presence: presenceOf(change), to, conversationIds, across, shared: sharedOf(change) });
    });
    live.publish(account, events);
  }
}

/** Tells those who subscribed to the user on this node of a change that another one announced, except those whom it has told. */
export async function tellSubscribers({ uow, live, registry }: Given, change: PresenceChange, told: ReadonlySet<UserId>): Promise<void> {
  const { account, userId } = change;
  const watchers = (await watchersOf(registry, [change])).get(userId) ?? [];
  const others = watchers.filter((id) => !told.has(id)).map((id) => [userId, id] as const);
  if (others.length === 0) return;
  const to = (await uow.read(account, (tx) => allowedOf(tx.relations, others))).get(userId) ?? [];
  if (to.length === 0) return;
  live.publish(account, [presenceChanged({ presence: presenceOf(change), to, conversationIds: [], across: [] })]);
}

function presenceOf({ userId, devices, at }: PresenceChange): Presence {
  const status = Presence.statusOf(devices);
  return { userId, status, lastSeenAt: status === 'offline' ? at : undefined, devices };
}

const sharedOf = ({ userId, devices, at, order }: PresenceChange) =>
  order === undefined ? undefined : { userId, devices, at: at.toISOString(), order };

/** Who subscribed to each of the users, here. */
async function watchersOf(registry: PresenceRegistry, changes: readonly PresenceChange[]): Promise<Map<UserId, readonly UserId[]>> {
  const watchers = new Map<UserId, readonly UserId[]>();
  for (const { account, userId } of changes)
    watchers.set(
      userId,
      (await registry.watchers(account, userId)).filter((id) => id !== userId),
    );
  return watchers;
}

/** Of pairs of a user and somebody who subscribed to them, those who may see their presence, by user. */
async function allowedOf(
  relations: Pick<RelationRepository, 'standingsOf'>,
  pairs: readonly (readonly [UserId, UserId])[],
): Promise<Map<UserId, UserId[]>> {
  const allowed = new Map<UserId, UserId[]>();
  const standings = await relations.standingsOf(pairs);
  for (const [at, [userId, other]] of pairs.entries()) {
    if (!Relations.allows('presence', standings[at] ?? Relations.strangers)) continue;
    allowed.set(userId, [...(allowed.get(userId) ?? []), other]);
  }
  return allowed;
}
