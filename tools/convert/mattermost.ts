/**
 * Writes a bulk export of Mattermost as an export that `pnpm cli import` reads: `node tools/convert/mattermost.ts <from> <out>`. <from> is the
 * folder of what `mmctl export create` made, unpacked: import.jsonl, and the attachments in data/.
 *
 * A bulk export names posts by nothing: they get ids of their channel, author, time and text. It has no passwords. Left out: custom emoji,
 * schemes, and posts that show nothing but integrations.
 */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { createSorter, receiptsOf, type Seen, type Sorter } from './by-conversation.ts';
import { createUsernames, emojiOf, shortened } from './names.ts';
import { copyInto, foldersOf, type Line, readJson, timeOf, writeExport } from './output.ts';

type User = Readonly<{
  username: string;
  email?: string;
  nickname?: string;
  first_name?: string;
  last_name?: string;
  position?: string;
  roles?: string;
  delete_at?: number;
  teams?:
    | readonly Readonly<{
        name: string;
        channels?: readonly Readonly<{ name: string; roles?: string; last_viewed_at?: number }>[] | null;
      }>[]
    | null;
}>;
type Channel = Readonly<{ team: string; name: string; display_name?: string; type: string; header?: string; purpose?: string }>;
type DirectChannel = Readonly<{
  members?: readonly string[] | null;
  participants?: readonly Readonly<{ username: string; last_viewed_at?: number }>[] | null;
}>;
type Reply = Readonly<{
  user: string;
  type?: string;
  message?: string;
  create_at: number;
  edit_at?: number;
  props?: Readonly<{ attachments?: readonly Readonly<{ text?: string; fallback?: string }>[] }> | null;
  reactions?: readonly Readonly<{ user: string; emoji_name: string; create_at?: number }>[] | null;
  attachments?: readonly Readonly<{ path: string }>[] | null;
}>;
type Post = Reply & Readonly<{ is_pinned?: boolean; replies?: readonly Reply[] | null }>;
type Entry = Readonly<{
  type: string;
  user?: User;
  channel?: Channel;
  post?: Post & Readonly<{ team: string; channel: string }>;
  direct_channel?: DirectChannel;
  direct_post?: Post & Readonly<{ channel_members: readonly string[] }>;
}>;

type Seat = Seen & Readonly<{ role: 'admin' | 'member' }>;

const channelId = (team: string, channel: string): string => `${team}/${channel}`;
/** Of any length: that of a group of many is a digest. */
function directId(members: readonly string[]): string {
  const all = [...new Set(members)].toSorted().join('+');
  return all.length <= 200 ? all : createHash('sha256').update(all).digest('hex');
}

const postId = ({ user, create_at: createdAt, message = '' }: Reply): string =>
  `${createdAt}-${createHash('sha256').update(`${user}\n${message}`).digest('hex').slice(0, 16)}`;

const userLine = (user: User, username: string): Line => ({
  type: 'user',
  id: user.username,
  username,
  displayName: shortened(user.nickname || `${user.first_name ?? ''} ${user.last_name ?? ''}`, 80),
  email: user.email || undefined,
  bio: shortened(user.position, 500),
  role: user.roles?.includes('system_admin') === true ? 'admin' : user.roles?.includes('system_guest') === true ? 'guest' : 'member',
  suspended: (user.delete_at ?? 0) > 0,
});

/** Those of a text who are known. */
function mentionsIn(text: string, known: ReadonlySet<string>): readonly string[] {
  const named = [...text.matchAll(/(?<![\w@])@([a-z0-9._-]+)/gi)].map(([, name = '']) => name.toLowerCase());
  const found = named.flatMap((name) => [name, name.replace(/[._-]+$/, '')].find((each) => known.has(each)) ?? []);
  return [...new Set(found)].slice(0, 50);
}

const textOf = ({ message = '', props }: Reply): string =>
  message ||
  (props?.attachments ?? [])
    .map(({ text, fallback }) => text ?? fallback ?? '')
    .join('\n')
    .trim();

type Given = Readonly<{ from: string; out: string; sorter: Sorter; known: ReadonlySet<string> }>;

/** The post and what is in its thread, to their conversation. */
async function sortPost(given: Given, conversation: string, post: Post, thread?: string): Promise<void> {
  const { from, out, sorter, known } = given;
  const id = postId(post);
  const attachments: Line[] = [];
  for (const { path: file } of post.attachments ?? []) {
    const attachment = createHash('sha256').update(`${conversation}\n${file}`).digest('hex').slice(0, 32);
    const kept = await copyInto(out, attachment, from, [path.join('data', file), file]);
    const name = shortened(path.basename(file), 255) ?? 'file';
    if (kept !== undefined) attachments.push({ type: 'attachment', id: attachment, owner: post.user, name, file: kept });
  }
  const text = textOf(post);
  if (known.has(post.user) && (text !== '' || attachments.length > 0)) {
    const line: Line = {
      type: 'message',
      id,
      conversation,
      author: post.user,
      createdAt: timeOf(post.create_at),
      kind: post.type?.startsWith('system_') === true ? 'system' : attachments.length > 0 ? 'file' : 'text',
      text: text === '' ? undefined : text,
      thread,
      mentions: mentionsIn(text, known),
      mentionAll: /(?<![\w@])@(?:all|channel|here)\b/.test(text),
      attachments: attachments.slice(0, 10).map((attachment) => attachment['id']),
      editedAt: (post.edit_at ?? 0) > 0 ? timeOf(post.edit_at ?? 0) : undefined,
      pinnedAt: post.is_pinned === true ? timeOf(post.create_at) : undefined,
    };
    const reactions = (post.reactions ?? []).flatMap(({ user, emoji_name: name, create_at: reacted }): Line[] => {
      const emoji = emojiOf(name);
      const createdAt = reacted === undefined ? undefined : timeOf(reacted);
      return emoji === undefined || !known.has(user) ? [] : [{ type: 'reaction', conversation, message: id, user, emoji, createdAt }];
    });
    await sorter.add(conversation, { at: post.create_at, id, lines: [...attachments, line, ...reactions] });
  }
  for (const reply of post.replies ?? []) await sortPost(given, conversation, reply, id);
}

/** The conversation with its members, messages and marks. */
async function* conversationLines(
  sorter: Sorter,
  { id, ...conversation }: Readonly<{ id: string }> & Readonly<Record<string, unknown>>,
  seats: readonly Seat[],
  someone: string,
): AsyncGenerator<Line> {
  const sent = await sorter.sorted(id);
  const createdAt = timeOf(sent[0]?.at ?? 0);
  const isDirect = conversation['kind'] === 'direct';
  const createdBy = (seats.find(({ role }) => role === 'admin') ?? seats[0])?.user ?? someone;
  yield { type: 'conversation', id, ...conversation, createdAt, ...(isDirect ? {} : { createdBy }) };
  if (!isDirect) for (const { user, role } of seats) yield { type: 'member', conversation: id, user, role };
  for (const { lines } of sent) yield* lines;
  yield* receiptsOf(id, sent, seats);
}

async function* convert(from: string, out: string, sorter: Sorter): AsyncGenerator<Line> {
  const nameOf = createUsernames();
  const channels = new Map<string, Channel>();
  const directs = new Map<string, readonly Seat[]>();
  const seats = new Map<string, Seat[]>();
  const known = new Set<string>();
  for await (const entry of readJson<Entry>(path.join(from, 'import.jsonl'))) {
    if (entry.channel !== undefined) channels.set(channelId(entry.channel.team, entry.channel.name), entry.channel);
    if (entry.user !== undefined) {
      const { username: user, teams } = entry.user;
      known.add(user);
      yield userLine(entry.user, nameOf(user));
      for (const team of teams ?? [])
        for (const { name, roles, last_viewed_at: at } of team.channels ?? []) {
          const id = channelId(team.name, name);
          seats.set(id, [...(seats.get(id) ?? []), { user, at, role: roles?.includes('channel_admin') === true ? 'admin' : 'member' }]);
        }
    }
    if (entry.post !== undefined) await sortPost({ from, out, sorter, known }, channelId(entry.post.team, entry.post.channel), entry.post);
    if (entry.direct_channel !== undefined) {
      const { participants, members } = entry.direct_channel;
      const people =
        participants?.map(({ username, last_viewed_at: at }) => ({ user: username, at })) ??
        members?.map((user) => ({ user, at: undefined })) ??
        [];
      const unique = [
        ...new Map(people.filter(({ user }) => known.has(user)).map((each) => [each.user, { ...each, role: 'member' as const }])).values(),
      ];
      directs.set(directId(people.map(({ user }) => user)), unique);
    }
    if (entry.direct_post !== undefined)
      await sortPost({ from, out, sorter, known }, directId(entry.direct_post.channel_members), entry.direct_post);
  }
  const [someone = ''] = known;
  for (const [id, channel] of channels) {
    const group = {
      id,
      kind: 'group',
      title: shortened(channel.display_name, 120) ?? channel.name,
      description: [...(channel.purpose || channel.header || '')].slice(0, 1_000).join('') || undefined,
      visibility: channel.type === 'O' ? 'public' : 'private',
    };
    yield* conversationLines(sorter, group, seats.get(id) ?? [], someone);
  }
  for (const [id, people] of directs) {
    const users = people.map(({ user }) => user);
    const direct =
      users.length === 2
        ? { id, kind: 'direct', people: users }
        : { id, kind: 'group', title: shortened(users.join(', '), 120) ?? 'Group' };
    yield* conversationLines(sorter, direct, people, someone);
  }
}

const { from, out } = foldersOf('node tools/convert/mattermost.ts <unpacked bulk export> <new folder>');
const sorter = await createSorter();
try {
  await writeExport(out, 'Mattermost', convert(from, out, sorter));
} finally {
  await sorter.close();
}
