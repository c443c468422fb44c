/**
 * Writes what `mongoexport` made of a Rocket.Chat database as an export that `pnpm cli import` reads: `node tools/convert/rocket-chat.ts <from> <out>`.
 * <from> holds users.json, rocketchat_room.json, rocketchat_subscription.json and rocketchat_message.json, an object a line, and, of a
 * server that keeps uploads in its file system, their folder as uploads/.
 *
 * Left out: livechat, system messages, encrypted messages, and passwords, of which Rocket.Chat hashes a digest.
 */
import path from 'node:path';
import { createSorter, receiptsOf, type Seen, type Sent, type Sorter } from './by-conversation.ts';
import { createUsernames, emojiOf, shortened } from './names.ts';
import { copyInto, foldersOf, type Line, readJson, timeOf, writeExport } from './output.ts';

/** As extended JSON has it, in any of its forms. */
type When = Readonly<{ $date: string | number | Readonly<{ $numberLong: string }> }>;
type Person = Readonly<{ _id: string; username?: string; name?: string }>;
type User = Person &
  Readonly<{
    emails?: readonly Readonly<{ address: string; verified?: boolean }>[];
    roles?: readonly string[];
    active?: boolean;
    createdAt?: When;
    bio?: string;
  }>;
type Room = Readonly<{
  _id: string;
  t: string;
  name?: string;
  fname?: string;
  topic?: string;
  description?: string;
  u?: Person;
  uids?: readonly string[];
  usernames?: readonly string[];
  ts?: When;
  ro?: boolean;
}>;
type Subscription = Readonly<{ rid: string; u: Person; roles?: readonly string[]; ts?: When; ls?: When }>;
type Message = Readonly<{
  _id: string;
  rid: string;
  ts: When;
  u: Person;
  msg?: string;
  t?: string;
  tmid?: string;
  _hidden?: boolean;
  mentions?: readonly (Person & Readonly<{ type?: string }>)[];
  reactions?: Readonly<Record<string, Readonly<{ usernames: readonly string[] }>>>;
  editedAt?: When;
  pinned?: boolean;
  pinnedAt?: When;
  pinnedBy?: Person;
  files?: readonly Readonly<{ _id: string; name?: string }>[];
}>;

const at = ({ $date }: When): number => new Date(typeof $date === 'object' ? Number($date.$numberLong) : $date).getTime();
const optionalTime = (when: When | undefined) => (when === undefined ? undefined : timeOf(at(when)));

/** A quoted message is a link at the beginning of the text, without a label. */
const QUOTED = /^\s*\[ ?\]\(\S*[?&]msg=(\w+)\S*\)\s*/;

const roleOf = (roles: readonly string[] = []) => (roles.includes('admin') ? 'admin' : roles.includes('guest') ? 'guest' : 'member');
const seatOf = (roles: readonly string[] = []) =>
  roles.includes('owner') ? 'owner' : roles.includes('leader') ? 'admin' : roles.includes('moderator') ? 'moderator' : 'member';

function createPeople() {
  const nameOf = createUsernames();
  const ids = new Set<string>();
  const byName = new Map<string, string>();
  const addresses = new Set<string>();
  return {
    idOf: (username: string) => byName.get(username),
    /** Nothing for somebody who is described already. Those who are in no list any more, but wrote something, are suspended. */
    describe({ _id: id, username = `user-${id}`, name, ...more }: User, suspended: boolean): Line[] {
      if (ids.has(id)) return [];
      ids.add(id);
      byName.set(username, id);
      const [mail] = (more.emails ?? []).filter(({ address }) => !addresses.has(address.toLowerCase()));
      if (mail !== undefined) addresses.add(mail.address.toLowerCase());
      return [
        {
          type: 'user',
          id,
          username: nameOf(username),
          displayName: shortened(name, 80),
          email: mail?.address,
          emailVerified: mail?.verified === true,
          role: roleOf(more.roles),
          bio: shortened(more.bio, 500),
          createdAt: optionalTime(more.createdAt),
          suspended,
        },
      ];
    },
  };
}
type People = ReturnType<typeof createPeople>;

function roomLine({ _id: id, t, uids = [], ts, ...room }: Room, someone: string): Line {
  const createdAt = ts === undefined ? timeOf(0) : timeOf(at(ts));
  if (t === 'd' && uids.length === 2) return { type: 'conversation', id, kind: 'direct', people: uids, createdAt };
  return {
    type: 'conversation',
    id,
    kind: 'group',
    title: shortened(room.fname ?? room.name ?? room.usernames?.join(', '), 120) ?? 'Group',
    description: [...(room.description ?? room.topic ?? '')].slice(0, 1_000).join('') || undefined,
    visibility: t === 'c' ? 'public' : 'private',
    settings: { announcementsOnly: room.ro === true },
    createdBy: room.u?._id ?? uids[0] ?? someone,
    createdAt,
  };
}

const EVERYBODY = ['all', 'here'];
const mentionsIn = ({ mentions = [] }: Message): readonly Person[] =>
  mentions.filter(({ _id: id, type }) => type !== 'team' && !EVERYBODY.includes(id));

/** Undefined for what has nothing to show. */
function messageLine(message: Message, attachments: readonly string[]): Line | undefined {
  const { _id: id, rid, ts, u, msg = '', editedAt, pinned } = message;
  const base = { type: 'message', id, conversation: rid, author: u._id, createdAt: timeOf(at(ts)), thread: message.tmid };
  if (message.t === 'rm') return { ...base, deletedAt: timeOf(at(editedAt ?? ts)) };
  const [quoted = '', replyTo] = QUOTED.exec(msg) ?? [];
  const text = msg.slice(quoted.length);
  if (message.t !== undefined || message._hidden === true || (text === '' && attachments.length === 0)) return undefined;
  return {
    ...base,
    kind: attachments.length > 0 ? 'file' : 'text',
    text: text === '' ? undefined : text,
    replyTo,
    mentions: [...new Set(mentionsIn(message).map((person) => person._id))].slice(0, 50),
    mentionAll: (message.mentions ?? []).some(({ _id: person }) => EVERYBODY.includes(person)),
    attachments: attachments.slice(0, 10),
    editedAt: optionalTime(editedAt),
    ...(pinned === true ? { pinnedAt: timeOf(at(message.pinnedAt ?? ts)), pinnedBy: message.pinnedBy?._id } : {}),
  };
}

const reactionLines = ({ _id: message, rid: conversation, reactions = {} }: Message, people: People): Line[] =>
  Object.entries(reactions).flatMap(([name, { usernames }]) => {
    const emoji = emojiOf(name.replaceAll(':', ''));
    const users = usernames.flatMap((username) => people.idOf(username) ?? []);
    return emoji === undefined ? [] : users.map((user): Line => ({ type: 'reaction', conversation, message, user, emoji }));
  });

/** Answers the people who are named there and nowhere else. */
async function* sortMessages(from: string, out: string, people: People, sorter: Sorter): AsyncGenerator<Line> {
  for await (const message of readJson<Message>(path.join(from, 'rocketchat_message.json'))) {
    const { _id: id, rid, ts, u, files = [] } = message;
    const attachments: Line[] = [];
    for (const { _id: file, name } of files) {
      const kept = await copyInto(out, file, path.join(from, 'uploads'), [file]);
      if (kept !== undefined)
        attachments.push({ type: 'attachment', id: file, owner: u._id, name: shortened(name, 255) ?? 'file', file: kept });
    }
    const line = messageLine(
      message,
      attachments.map(({ id: attachment }) => String(attachment)),
    );
    if (line === undefined) continue;
    for (const person of [u, ...mentionsIn(message), ...(message.pinnedBy === undefined ? [] : [message.pinnedBy])])
      yield* people.describe(person, true);
    const sent: Sent = { at: at(ts), id, lines: [...attachments, line, ...reactionLines(message, people)] };
    await sorter.add(rid, sent);
  }
}

async function* convert(from: string, out: string, sorter: Sorter): AsyncGenerator<Line> {
  const people = createPeople();
  let someone = '';
  for await (const user of readJson<User>(path.join(from, 'users.json'))) {
    someone ||= user._id;
    yield* people.describe(user, user.active === false);
  }
  const subscriptions = new Map<string, Subscription[]>();
  for await (const each of readJson<Subscription>(path.join(from, 'rocketchat_subscription.json')))
    subscriptions.set(each.rid, [...(subscriptions.get(each.rid) ?? []), each]);
  yield* sortMessages(from, out, people, sorter);
  for await (const given of readJson<Room>(path.join(from, 'rocketchat_room.json'))) {
    if (!['c', 'p', 'd'].includes(given.t)) continue;
    const members = subscriptions.get(given._id) ?? [];
    // Old direct rooms do not say whose they are.
    const room = { ...given, uids: given.uids ?? members.map(({ u }) => u._id) };
    for (const person of [...room.uids.map((_id) => ({ _id })), ...(room.u === undefined ? [] : [room.u]), ...members.map(({ u }) => u)])
      yield* people.describe(person, true);
    const line = roomLine(room, someone);
    yield line;
    for (const { u, roles, ts } of line['kind'] === 'group' ? members : [])
      yield { type: 'member', conversation: room._id, user: u._id, role: seatOf(roles), joinedAt: optionalTime(ts) };
    const sent = await sorter.sorted(room._id);
    for (const { lines } of sent) yield* lines;
    const seen = members.map(({ u, ls }): Seen => ({ user: u._id, at: ls === undefined ? undefined : at(ls) }));
    yield* receiptsOf(room._id, sent, seen);
  }
}

const { from, out } = foldersOf('node tools/convert/rocket-chat.ts <folder of mongoexport> <new folder>');
const sorter = await createSorter();
try {
  await writeExport(out, 'Rocket.Chat', convert(from, out, sorter));
} finally {
  await sorter.close();
}
