import { setTimeout as pause } from 'node:timers/promises';
import type { HttpClient, SocketClient } from '../../support/clients.ts';
import type { Payload } from '../../support/event-log.ts';
import { atNode, expectStatus, mintSession, openGroup, type Person } from '../../support/people.ts';
import { until } from '../../support/until.ts';
import { type Heard, STREAMS, type Trial } from './judge.ts';
import { type Listener, listen, talk } from './traffic.ts';

/** A group in which two people talk, one at each node, and rights of the others end meanwhile. */
export type Circle = Readonly<{ talkers: readonly [Person, Person]; toRemove: readonly Person[]; toRevoke: readonly Person[] }>;

/** Two nodes and the people who are there for all batches. */
export type Stage = Readonly<{
  urls: readonly [string, string];
  /** Of the account: mints sessions. */
  admin: HttpClient;
  circles: readonly Circle[];
  random: () => number;
  /** For how long after the answer what carries no version may still arrive. */
  boundMs: number;
}>;

type Group = Readonly<{ id: string; owner: Person; talking: readonly Listener[] }>;
/** `person` with the session that their sockets have; `other` with one that stays. */
type Subject = Readonly<{ person: Person; other: Person; sockets: readonly Listener[] }>;

const TRANSPORTS: readonly SocketClient['transport'][] = ['socket.io', 'websocket'];
/** Rights of one batch end within so long. */
const SPREAD_MS = 800;
/** How much longer than the bound is listened. */
const MARGIN_MS = 500;

/** Ends the rights of everybody in the circles, each at a random moment of the traffic and at a random node. */
export async function runBatch(stage: Stage): Promise<Trial[]> {
  const { circles, urls, random, boundMs } = stage;
  const stopping = new AbortController();
  const opened: Listener[] = [];
  const open = async (person: Person, url: string, transport: SocketClient['transport']): Promise<Listener> => {
    const listener = await listen(person, url, transport);
    opened.push(listener);
    return listener;
  };
  const enter = async (person: Person, other: Person, group: string): Promise<Subject> => {
    const sockets = await Promise.all(urls.flatMap((url) => TRANSPORTS.map((transport) => open(person, url, transport))));
    for (const { socket } of sockets) expectOk(await socket.call('conversation:join', { conversationId: group }));
    return { person, other, sockets };
  };
  const talks: Promise<void>[] = [];
  try {
    const scenes = await Promise.all(
      circles.map(async ({ talkers, toRemove, toRevoke }) => {
        const [owner, second] = talkers;
        const { id } = await openGroup(owner, [second, ...toRemove, ...toRevoke]);
        const talking = await Promise.all(talkers.map((talker, at) => open(talker, urls[at] ?? '', TRANSPORTS[at] ?? 'websocket')));
        const removed = await Promise.all(toRemove.map((person) => enter(person, person, id)));
        const sessions = await Promise.all(
          toRevoke.map(async (person) => [await mintSession(stage.admin, person, urls[0]), person] as const),
        );
        const revoked = await Promise.all(sessions.map(([person, other]) => enter(person, other, id)));
        return { group: { id, owner, talking }, removed, revoked };
      }),
    );
    let isWarm = false;
    for (const [nth, { group }] of scenes.entries()) {
      const newest = { seq: 0 };
      talks.push(
        ...group.talking.map((talker, node) => {
          // In every other group messages are sent at one node alone, once everybody has heard one.
          const isQuiet = () => isWarm && node === 1 && nth % 2 === 1;
          return talk(talker, { conversationId: group.id, newest, random, isQuiet }, stopping.signal);
        }),
      );
    }
    // A failure of theirs is thrown where they are waited for.
    for (const each of talks) each.catch(() => {});
    await until(() => scenes.every(({ group, removed, revoked }) => [...removed, ...revoked].every(hearsAllOf(group))), {
      what: 'everybody to hear of everything',
      timeoutMs: 30_000,
    });
    isWarm = true;
    const unfinished = await Promise.all(
      scenes.flatMap(({ group, removed, revoked }) => [
        ...removed.map((subject) => remove(stage, group, subject)),
        ...revoked.map((subject) => revoke(stage, subject)),
      ]),
    );
    await pause(boundMs + MARGIN_MS);
    stopping.abort();
    await Promise.all(talks);
    // Answered after whatever was sent before.
    for (const { socket, closedAt } of opened) if (closedAt() === undefined) expectOk(await socket.call('sync', { conversations: {} }));
    return await Promise.all(unfinished.map((finish) => finish()));
  } finally {
    stopping.abort();
    await Promise.allSettled(talks);
    await Promise.all(opened.map(({ socket }) => socket.close()));
  }
}

const hearsAllOf =
  ({ id }: Group) =>
  ({ person, sockets }: Subject): boolean => {
    const concerns = concerning(id, person.id);
    return sockets.every(({ arrived }) => STREAMS.every((stream) => arrived.some((event) => event.name === stream && concerns(event))));
  };

function expectOk(result: Awaited<ReturnType<SocketClient['call']>>): void {
  if (!result.ok) throw new Error(`expected success, was answered ${result.error.code}`);
}

const twoNodes = ({ urls, random }: Stage): readonly [string, string] => (random() < 0.5 ? urls : [urls[1], urls[0]]);

/** Gives back what makes a trial of it, once everything has arrived. */
async function remove(stage: Stage, { id, owner, talking }: Group, { person, sockets }: Subject): Promise<() => Promise<Trial>> {
  await pause(SPREAD_MS * stage.random());
  const [here, there] = twoNodes(stage);
  const typing = typeUntilRefused(sockets[Math.floor(stage.random() * sockets.length)], id);
  expectStatus(await atNode(owner, here).http.call('DELETE', `/api/v1/conversations/${id}/members/${person.id}`), 204);
  const endedAt = performance.now();
  const answer = await atNode(person, there).http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'after the removal' });
  const isGranted = answer.status === 201;
  if (!isGranted) expectStatus(answer, 404);
  await typing;
  return async () => ({
    kind: 'removal',
    endedAt,
    version: talking
      .flatMap(({ arrived }) => arrived)
      .find(({ name, payload }) => name === 'member:left' && payload.conversationId === id && payload.member.userId === person.id)?.payload
      .version,
    sockets: sockets.map(({ name, arrived, closedAt }) => ({
      name,
      closedAt: closedAt(),
      heard: arrived.filter(concerning(id, person.id)).map((event) => heardOf(event, id)),
    })),
    granted: isGranted ? [endedAt] : [],
    shown: talking.flatMap(({ arrived }) =>
      arrived.filter(({ name, payload }) => name === 'typing' && payload.userId === person.id).map(({ at }) => at),
    ),
  });
}

async function typeUntilRefused(listener: Listener | undefined, conversationId: string): Promise<void> {
  let isTyping = false;
  await until(
    async () => {
      isTyping = !isTyping;
      return (await listener?.socket.call('typing', { conversationId, isTyping }))?.ok === false;
    },
    { what: 'typing to be refused', timeoutMs: 30_000 },
  );
}

async function revoke(stage: Stage, { person, other, sockets }: Subject): Promise<() => Promise<Trial>> {
  await pause(SPREAD_MS * stage.random());
  const [here] = twoNodes(stage);
  expectStatus(await atNode(other, here).http.call('DELETE', `/api/v1/auth/sessions/${person.session.id}`), 204);
  const endedAt = performance.now();
  const granted: number[] = [];
  const isRefused = async (url: string): Promise<boolean> => {
    const begunAt = performance.now();
    const { status } = await atNode(person, url).http.call('GET', '/api/v1/auth/me');
    if (status === 200) granted.push(begunAt);
    return status === 401;
  };
  await Promise.all(stage.urls.map((url) => until(() => isRefused(url), { what: 'calls to be refused', timeoutMs: 30_000 })));
  return async () => {
    // And they still are.
    await Promise.all(stage.urls.map(isRefused));
    return {
      kind: 'revocation',
      endedAt,
      version: undefined,
      sockets: sockets.map(({ name, arrived, closedAt }) => ({
        name,
        closedAt: closedAt(),
        heard: arrived.map(({ name: event, at }) => ({ name: event, at, version: undefined })),
      })),
      granted,
      shown: [],
    };
  };
}

/** Whatever names the conversation; and the presence of others, whom they meet nowhere else. */
const concerning =
  (id: string, ownId: string) =>
  ({ name, payload }: Listener['arrived'][number]): boolean =>
    name === 'presence:changed' ? payload.userId !== ownId : JSON.stringify(payload ?? null).includes(id);

function heardOf({ name, at, payload }: Listener['arrived'][number], id: string): Heard {
  const head = name === 'heads' ? payload.conversations.find(([conversation]: Payload[]) => conversation === id) : undefined;
  return { name, at, version: head === undefined ? payload.version : head[1] };
}
