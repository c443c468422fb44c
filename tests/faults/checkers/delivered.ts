import type { Checker, History, Membership } from './history.ts';
import { rowsByConversation, sightingsOf } from './observations.ts';

/** Who was told what, against who was a member when. */

const membershipsOf = ({ memberships }: History, user: string, conversation: string): Membership[] =>
  memberships.filter((membership) => membership.user === user && membership.conversation === conversation);

/** Clients that had the time for it have every message since their copy began, and know that they have. */
export const undelivered: Checker = (history) => {
  const rows = rowsByConversation(history);
  const versions = new Map(history.conversations.map(({ id, version }) => [id, version]));
  const seen = new Set<string>();
  for (const { entry, conversation, message } of sightingsOf(history)) seen.add(`${entry.client} ${conversation} ${message.seq}`);
  const held = new Map<string, number>();
  const begun = new Map<string, number>();
  for (const entry of history.log) {
    if (entry.type !== 'holds') continue;
    held.set(`${entry.client} ${entry.conversation}`, entry.version);
    if (entry.begins) begun.set(`${entry.client} ${entry.conversation}`, entry.version);
  }
  return history.complete.flatMap(({ client, user }) =>
    history.memberships
      .filter((membership) => membership.user === user && membership.until === undefined)
      .flatMap(({ conversation, from }) => {
        const since = Math.max(from, begun.get(`${client} ${conversation}`) ?? 0);
        const missing = (rows.get(conversation) ?? []).filter(
          ({ seq, version }) => version > since && !seen.has(`${client} ${conversation} ${seq}`),
        );
        const found = missing.map(({ seq }) => `${client} never got ${seq} of ${conversation}`);
        const holds = held.get(`${client} ${conversation}`);
        if (holds !== versions.get(conversation))
          found.push(`${client} ends at version ${holds} of ${conversation}, which is at ${versions.get(conversation)}`);
        return found;
      }),
  );
};

/**
 * Nobody is told of a change that is not within their membership, whenever it arrives; what is read may be older than the joining, as the
 * history of a conversation is its members' from the beginning.
 */
export const misdelivered: Checker = (history) => {
  const within = (user: string, conversation: string, version: number, isRead: boolean) =>
    membershipsOf(history, user, conversation).some(({ from, until = Infinity }) => (isRead || from <= version) && version <= until);
  const told = history.log.flatMap((entry) =>
    entry.type === 'event' && !within(entry.user, entry.conversation, entry.version, false)
      ? [`${entry.client} was told ${entry.name} of version ${entry.version} of ${entry.conversation}`]
      : [],
  );
  const read = sightingsOf(history).flatMap(({ entry, conversation, message }) =>
    entry.type === 'ok' && !within(entry.user, conversation, message.version, true)
      ? [`${entry.client} was answered ${message.seq} of version ${message.version} of ${conversation}`]
      : [],
  );
  return [...told, ...read];
};
