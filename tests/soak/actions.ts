import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { dataOf, httpClient, plainClient, type SocketClient, socketIoClient } from '../support/clients.ts';
import type { Payload } from '../support/event-log.ts';
import { atNode, expectStatus, type Person, signInAgain } from '../support/people.ts';
import type { Cast } from './cast.ts';

/** One thing that people do. It leaves nobody connected, and throws what it was not meant to be answered. */
export type Action = (cast: Cast, random: () => number) => Promise<void>;

const STALLED_MS = 2_000;

const oneOf = <T>(all: readonly [T, ...T[]], random: () => number): T => all[Math.floor(random() * all.length)] ?? all[0];
const somewhere = ({ urls: [first = '', ...more] }: Cast, random: () => number): string => oneOf([first, ...more], random);

async function withSocket(socket: SocketClient, work: () => Promise<void>): Promise<void> {
  try {
    await socket.connect();
    await work();
  } finally {
    await socket.close();
  }
}

async function send(sender: Person, group: string, more: Record<string, unknown> = {}): Promise<Payload> {
  const input = { clientMessageId: randomUUID(), content: 'something to say', ...more };
  return expectStatus(await sender.http.call('POST', `/api/v1/conversations/${group}/messages`, input), 201);
}

/** What somebody does who opens the client and closes it, or loses the connection. */
async function visit(socket: SocketClient, { group, owner }: Cast): Promise<void> {
  await withSocket(socket, async () => {
    const call = async (name: string, input: unknown) => dataOf(await socket.call(name, input));
    const { heads } = await call('sync', { conversations: {} });
    await call('sync', { conversations: Object.fromEntries(heads.map(([id]: [string]) => [id, {}])) });
    await call('presence:get', { userIds: [owner.id] });
    await call('presence:set', { status: 'away' });
    await call('conversation:join', { conversationId: group });
    await call('typing', { conversationId: group, isTyping: true });
    const { seq } = await call('message:send', { conversationId: group, clientMessageId: randomUUID(), content: 'here I am' });
    await call('message:ack', { items: [{ conversationId: group, readSeq: seq }] });
    await call('conversation:leave', { conversationId: group });
  });
}

const changeMessages: Action = async (cast, random) => {
  const { owner, group } = cast;
  const author = atNode(cast.member, somewhere(cast, random));
  const { id } = await send(author, group);
  expectStatus(await author.http.call('PATCH', `/api/v1/messages/${id}`, { content: 'something better' }), 200);
  const reaction = `/api/v1/messages/${id}/reactions/${encodeURIComponent('👍')}`;
  expectStatus(await owner.http.call('PUT', reaction), 204);
  expectStatus(await owner.http.call('DELETE', reaction), 204);
  expectStatus(await author.http.call('GET', `/api/v1/messages/${id}/readers`), 200);
  if (random() < 0.3) expectStatus(await author.http.call('DELETE', `/api/v1/messages/${id}`), 204);
};

const joinAndLeave: Action = async (cast, random) => {
  const { group, guest } = cast;
  const owner = atNode(cast.owner, somewhere(cast, random));
  const socket: SocketClient = plainClient(somewhere(cast, random), { token: guest.accessToken });
  await withSocket(socket, async () => {
    expectStatus(await owner.http.call('POST', `/api/v1/conversations/${group}/members`, { userIds: [guest.id] }), 201);
    await socket.events.next('conversation:new');
    dataOf(await socket.call('message:send', { conversationId: group, clientMessageId: randomUUID(), content: 'thank you' }));
    if (random() < 0.5) expectStatus(await guest.http.call('POST', `/api/v1/conversations/${group}/leave`), 204);
    else expectStatus(await owner.http.call('DELETE', `/api/v1/conversations/${group}/members/${guest.id}`), 204);
    await socket.events.next('conversation:removed');
  });
};

const attach: Action = async ({ owner, member, group }) => {
  const data = new FormData();
  data.append('file', new Blob([`a small file ${randomUUID()}`]), 'note.txt');
  const { id } = expectStatus(await owner.http.call('POST', '/api/v1/attachments', data), 201);
  await send(owner, group, { attachmentIds: [id] });
  expectStatus(await member.http.call('GET', `/api/v1/attachments/${id}`), 200, 302);
};

/** Signs in, renews the tokens below a connection, and signs out. */
const signInAndOut: Action = async (cast, random) => {
  const url = somewhere(cast, random);
  const { refreshToken, accessToken } = await signInAgain(url, cast.guest);
  const socket = socketIoClient(url, { token: accessToken });
  await withSocket(socket, async () => {
    const renewed = expectStatus(await httpClient(url).call('POST', '/api/v1/auth/refresh', { refreshToken }), 200);
    dataOf(await socket.call('authenticate', { token: renewed.accessToken }));
    expectStatus(await httpClient(url, { token: renewed.accessToken }).call('POST', '/api/v1/auth/logout'), 204);
    await socket.closed;
  });
};

const repeatCalls: Action = async (cast, random) => {
  const key = { 'idempotency-key': randomUUID() };
  const change = () =>
    atNode(cast.owner, somewhere(cast, random)).http.call('PATCH', `/api/v1/conversations/${cast.group}`, { title: 'A group' }, key);
  const [once, again] = [expectStatus(await change(), 200), expectStatus(await change(), 200)];
  if (once.version !== again.version) throw new Error('a repeated call was answered otherwise');
};

const failingCalls: Action = async (cast, random) => {
  const { group, guest } = cast;
  const url = somewhere(cast, random);
  const { http } = atNode(guest, url);
  const messages = `/api/v1/conversations/${group}/messages`;
  expectStatus(await http.call('GET', messages), 404);
  expectStatus(await http.call('POST', messages, '{"content":', { 'content-type': 'application/json' }), 400);
  expectStatus(await http.call('GET', '/api/v1/nothing-like-it'), 404);
  expectStatus(await httpClient(url, { token: 'nonsense' }).call('GET', '/api/v1/auth/me'), 401);
  const wrong = { username: guest.username, password: 'not the one' };
  expectStatus(await httpClient(url).call('POST', '/api/v1/auth/login', wrong), 401);
  const refused = await plainClient(url, { token: 'nonsense' })
    .connect()
    .catch((error: unknown) => error);
  if (!(refused instanceof Error)) throw new Error('a socket with a nonsensical token was connected');
  const socket: SocketClient = plainClient(url, { token: guest.accessToken });
  await withSocket(socket, async () => {
    for (const [name, input] of [
      ['nothing:like-it', {}],
      ['message:send', { conversationId: group }],
      ['sync', 'nonsense'],
    ] as const)
      if ((await socket.call(name, input)).ok) throw new Error(`${name} was answered`);
  });
};

/** A client that does not read for some time, and is cut off. */
const readSlowly: Action = async (cast, random) => {
  const socket = plainClient(somewhere(cast, random), { token: cast.member.accessToken });
  await withSocket(socket, async () => {
    socket.socket.pause();
    for (let sent = 0; sent < 5; sent += 1) await send(cast.owner, cast.group, { content: 'x'.repeat(2_000) });
    await pause(STALLED_MS);
    if (random() < 0.5) socket.socket.resume();
    socket.socket.terminate();
    await socket.closed;
  });
};

const readPages: Action = async (cast, random) => {
  const { http } = atNode(cast.member, somewhere(cast, random));
  for (const path of [
    '/conversations',
    `/conversations/${cast.group}/messages?limit=50`,
    `/conversations/${cast.group}/members`,
    '/messages/search?q=something',
    '/notifications',
    '/users/me/preferences',
  ])
    expectStatus(await http.call('GET', `/api/v1${path}`), 200);
};

export const actions: Readonly<Record<string, Action>> = {
  'visits by plain WebSocket': (cast, random) => visit(plainClient(somewhere(cast, random), { token: cast.member.accessToken }), cast),
  'visits by Socket.IO': (cast, random) => visit(socketIoClient(somewhere(cast, random), { token: cast.member.accessToken }), cast),
  'visits that begin with polling': (cast, random) =>
    visit(socketIoClient(somewhere(cast, random), { token: cast.member.accessToken, transports: ['polling', 'websocket'] }), cast),
  'messages changed': changeMessages,
  'joined and left': joinAndLeave,
  'files attached': attach,
  'signed in and out': signInAndOut,
  'calls repeated': repeatCalls,
  'failing calls': failingCalls,
  'slow readers': readSlowly,
  'pages read': readPages,
};
