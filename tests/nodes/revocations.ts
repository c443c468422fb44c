import { setTimeout as pause } from 'node:timers/promises';
import type { SocketClient } from '../support/clients.ts';
import type { Payload } from '../support/event-log.ts';
import { atNode, expectStatus, openGroup, type Person } from '../support/people.ts';

/** How a session is ended at one node. `session`: who holds it; `other`: the same person on another device. */
export type Ending = Readonly<{
  kind: string;
  end: (session: Person, other: Person) => Promise<unknown>;
  /** Makes the person as they were, for the next kind. */
  undo?: (person: Person) => Promise<unknown>;
  /** The other device goes on with the token it has, once that is undone. */
  comesBack?: true;
  /** Nobody is left of whom it happened to. */
  isFinal?: true;
  /** Once is enough for all people of the account. Whoever posts is among them, so they do so at the other node, which may learn of it later. */
  isForAll?: true;
}>;

/** Milliseconds after the answer of the operation that ended the session. */
export type Trial = Readonly<{
  kind: string;
  /** Until the other node refused REST, and closed the socket. */
  refusedMs: number;
  closedMs: number;
  /** Messages sent after the answer that reached the socket at the node that ended the session. */
  lateHere: number;
  /** The latest message that reached the socket at the other node was sent so long after the answer; 0 for none. */
  lateThereMs: number;
  /** Messages that the other node delivered though they were sent after it had refused REST. */
  afterRefusal: number;
}>;

type Watched = Readonly<{ person: Person; here: SocketClient; there: SocketClient; ended: Payload }>;

const SEND_EVERY_MS = 10;

const sentTimes = (socket: SocketClient): number[] =>
  socket.events.of('message:new').map(({ message }: Payload) => Number(message.content));

/** Asks the other node until it refuses; answers when that was. */
async function refusedAt(person: Person, everyMs: number): Promise<number> {
  for (;;) {
    const { status } = await person.http.call('GET', '/api/v1/auth/sessions');
    if (status === 401 || status === 403) return Date.now();
    await pause(everyMs);
  }
}

async function watch(person: Person, nodes: readonly [string, string]): Promise<Watched> {
  const [here, there] = nodes.map((url) => atNode(person, url).socket('websocket')) as [SocketClient, SocketClient];
  await Promise.all([here.connect(), there.connect()]);
  return { person, here, there, ended: undefined };
}

/**
 * Ends the sessions of these people, one after the other, while somebody posts to all of them at the node that ends them. Each has a socket
 * at both nodes; the other node is asked every so many milliseconds whether it still answers them.
 */
export async function endAll(
  { kind, end, isForAll }: Ending,
  poster: Person,
  people: readonly Readonly<{ session: Person; other: Person }>[],
  nodes: readonly [string, string],
  askEveryMs: number,
): Promise<Trial[]> {
  const group = await openGroup(
    poster,
    people.map(({ session }) => session),
  );
  const watched = await Promise.all(people.map(({ session }) => watch(session, nodes)));
  const posting = new AbortController();
  const { http } = isForAll === true ? atNode(poster, nodes[1]) : poster;
  const post = async () => {
    while (!posting.signal.aborted) {
      const sent = await http.call('POST', `/api/v1/conversations/${group.id}/messages`, { content: String(Date.now()) });
      if (isForAll === true && sent.status === 403) return;
      expectStatus(sent, 201);
      await pause(SEND_EVERY_MS);
    }
  };
  const posted = post();
  try {
    const trials: Promise<Trial>[] = [];
    let answered = 0;
    for (const [at, { session, other }] of people.entries()) {
      const sockets = watched[at];
      if (sockets === undefined) continue;
      const closed = sockets.there.closed.then(() => Date.now());
      const refused = refusedAt(atNode(session, nodes[1]), askEveryMs);
      if (at === 0 || isForAll !== true) {
        await end(session, other);
        answered = Date.now();
      }
      trials.push(judge(kind, sockets, answered, closed, refused));
    }
    return await Promise.all(trials);
  } finally {
    posting.abort();
    await posted;
    await Promise.all(watched.flatMap(({ here, there }) => [here.close(), there.close()]));
  }
}

async function judge(
  kind: string,
  { here, there }: Watched,
  answered: number,
  closed: Promise<number>,
  refused: Promise<number>,
): Promise<Trial> {
  const [closedAt, refusedTime] = await Promise.all([closed, refused, here.closed]);
  const late = (socket: SocketClient, after: number) => sentTimes(socket).filter((sent) => sent > after);
  return {
    kind,
    refusedMs: Math.max(0, refusedTime - answered),
    closedMs: Math.max(0, closedAt - answered),
    lateHere: late(here, answered).length,
    lateThereMs: Math.max(0, ...late(there, answered).map((sent) => sent - answered)),
    afterRefusal: late(there, Math.max(answered, refusedTime)).length,
  };
}

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

/** The distribution of each kind, for people. */
export function tableOf(trials: readonly Trial[]): string {
  const kinds = Map.groupBy(trials, ({ kind }) => kind);
  const row = ([kind, of]: [string, readonly Trial[]]): string => {
    const spread = (value: (trial: Trial) => number) => {
      const sorted = of.map(value).toSorted((a, b) => a - b);
      return [0.5, 0.99, 1].map((share) => quantile(sorted, share)).join(' / ');
    };
    return `${kind.padEnd(28)} ${String(of.length).padStart(5)}  REST ${spread((trial) => trial.refusedMs)} ms  socket ${spread((trial) => trial.closedMs)} ms  latest event ${Math.max(...of.map((trial) => trial.lateThereMs))} ms`;
  };
  return ['(p50 / p99 / most)', ...[...kinds].map(row)].join('\n');
}
