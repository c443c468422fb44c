import type { HttpClient } from '../support/clients.ts';
import type { Payload } from '../support/event-log.ts';
import { expectStatus } from '../support/people.ts';
import type { Device } from './device.ts';
import { arrangementOf } from './copy.ts';
import { profileOf } from './own.ts';

const get = async (http: HttpClient, path: string): Promise<Payload> => expectStatus(await http.call('GET', `/api/v1${path}`), 200);

async function all(http: HttpClient, path: string): Promise<Payload[]> {
  const items: Payload[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const more = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await get(http, `${path}${path.includes('?') ? '&' : '?'}limit=100${more}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

async function messagesFrom(http: HttpClient, id: string, seq: number): Promise<Payload[]> {
  const items: Payload[] = [];
  for (let after = seq - 1, more = true; more; ) {
    const page = await get(http, `/conversations/${id}/messages?limit=100&after=${after}`);
    items.push(...page.items);
    after = page.items.at(-1)?.seq;
    more = page.hasAfter;
  }
  return items;
}

const by = <T>(items: Iterable<T>, keyOf: (item: T) => string | number): T[] =>
  [...items].toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/**
 * Previews aside: what they show follows the message that they are of, which is told by itself; one of a message that was trimmed is gone with
 * it. URLs of files are of one answer.
 */
const messageFrom =
  (firstSeq: number) =>
  ({ replyTo, replyToId, reactions, attachments, ...rest }: Payload) => ({
    ...rest,
    replyToId: replyTo?.seq < firstSeq ? undefined : replyToId,
    attachments: (attachments as Payload[] | undefined)?.map(({ url: _url, thumbnailUrl: _thumbnail, urlExpiresAt: _at, ...file }) => file),
    reactions: by((reactions ?? []) as Payload[], ({ emoji }) => emoji),
  });
const member = ({ userId, role, joinedAt, mutedUntil }: Payload) => ({ userId, role, joinedAt, mutedUntil });
const marks = ([userId, { deliveredSeq, readSeq }]: [string, Payload]) => ({ userId, deliveredSeq, readSeq });
/** What is counted in the copy by what it holds. */
const shared = ({ lastSeq: _seq, version: _version, memberCount: _count, ...rest }: Payload) => rest;
const sharedKeys =
  'id type firstSeq title description avatarUrl visibility custom settings status assigneeId labels createdBy createdAt'.split(' ');

/** Whose marks are compared. */
export type Whose = 'all' | 'own';

export type State = Readonly<{ conversations: readonly Payload[]; own: Payload }>;

/** What the server answers to someone who reads everything now, as far as the device's copy reaches. */
export async function freshRead(device: Device, whose: Whose): Promise<State> {
  const { http, id: me } = device.person;
  const listed = [...(await all(http, '/conversations')), ...(await all(http, '/conversations?filter=archived'))];
  const conversations = await Promise.all(
    by(listed, ({ id }) => id).map(async (view) => {
      const { id, version, lastSeq, memberCount, unread, membership } = view;
      const from = device.replica.copies.get(id)?.from ?? 1;
      const [messages, members, receipts, draft] = await Promise.all([
        messagesFrom(http, id, from),
        all(http, `/conversations/${id}/members`),
        all(http, `/conversations/${id}/receipts`),
        http.call('GET', `/api/v1/conversations/${id}/draft`),
      ]);
      return {
        version,
        lastSeq,
        memberCount,
        unread,
        conversation: Object.fromEntries(sharedKeys.flatMap((key) => (view[key] === undefined ? [] : [[key, view[key]]]))),
        membership: {
          role: membership.role,
          readSeq: membership.readSeq,
          deliveredSeq: membership.deliveredSeq,
          ...arrangementOf(membership),
        },
        messages: messages.map(messageFrom(view.firstSeq)),
        members: by(members, ({ userId }) => userId).map(member),
        marks: by(
          receipts.filter(({ userId }) => whose === 'all' || userId === me),
          ({ userId }) => userId,
        ).map((receipt) => marks([receipt.userId, receipt])),
        draft: draft.status === 200 ? draft.body.content : undefined,
      };
    }),
  );
  const [friends, blocks, incoming, outgoing, notifications, preferences, { user }] = await Promise.all([
    all(http, '/friends'),
    all(http, '/blocks'),
    all(http, '/friend-requests?direction=incoming'),
    all(http, '/friend-requests?direction=outgoing'),
    all(http, '/notifications'),
    get(http, '/users/me/preferences'),
    get(http, '/auth/me'),
  ]);
  const ids = (items: Payload[]) => items.map((item) => item.user.id as string).toSorted();
  const requests = [...incoming.map(({ id }) => [id, 'incoming']), ...outgoing.map(({ id }) => [id, 'outgoing'])];
  const own = {
    friends: ids(friends),
    blocks: ids(blocks),
    requests: by(requests, ([id]) => id),
    notifications: notifications.map(({ id }) => id).toSorted(),
    preferences,
    profile: profileOf(user),
  };
  return { conversations, own };
}

/** The same of what the device holds. */
export function held({ replica, person }: Device, whose: Whose): State {
  const { own } = replica;
  const conversations = by(replica.copies, ([id]) => id).map(([id, copy]) => {
    const messages = by(copy.messages.values(), ({ seq }) => seq);
    const { role } = copy.members.get(person.id) ?? {};
    return {
      version: copy.version,
      lastSeq: copy.lastSeq,
      memberCount: copy.members.size,
      unread: copy.unread,
      conversation: shared(copy.conversation),
      membership: { role, ...copy.marks.get(person.id), ...copy.arrangement },
      messages: messages.map(messageFrom(copy.conversation.firstSeq)),
      members: by(copy.members.values(), ({ userId }) => userId).map(member),
      marks: by(
        [...copy.marks].filter(([userId]) => copy.members.has(userId) && (whose === 'all' || userId === person.id)),
        ([userId]) => userId,
      ).map(marks),
      draft: own.drafts.get(id),
    };
  });
  const { friends, blocks, requests, notifications, preferences, profile } = own;
  return {
    conversations,
    own: {
      friends: [...friends].toSorted(),
      blocks: [...blocks].toSorted(),
      requests: by(requests, ([id]) => id),
      notifications: [...notifications].toSorted(),
      preferences,
      profile,
    },
  };
}
