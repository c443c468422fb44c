import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { RETRYABLE, UNKNOWN_OUTCOME } from './answers.ts';
import { type HttpAnswer, httpClient, plainClient, type Result, type SocketClient, socketIoClient } from '../../support/clients.ts';
import type { Payload } from '../../support/event-log.ts';
import type { Person } from '../../support/people.ts';
import { withDeadline } from '../../support/until.ts';
import { createCopies, versioned } from './copies.ts';
import { type Recorder, shownOf } from './recorder.ts';

/** A device that does what the protocol tells it, comes back whenever it is cut off, and has everything written down. */
export type Device = Readonly<{
  client: string;
  user: string;
  person: Person;
  /** The node it prefers. */
  home: number;
  held: (conversation: string) => number | undefined;
  /** The node it is connected to. */
  node: () => number | undefined;
  /** How often it has connected. */
  connects: () => number;
  /** Connects, and goes on until it is stopped. */
  start: () => Promise<void>;
  /** Sends until it is stored or refused for good; at another node each time. The outcome of the last attempt where it is told to give up. */
  send: (conversation: string, value: string, givingUp: AbortSignal) => Promise<'ok' | 'fail' | 'unknown'>;
  /** A page of history from its own node. */
  read: (conversation: string, after: number) => Promise<boolean>;
  /** The connection, to be stalled or cut; none while it is away. */
  socket: () => DeviceSocket | undefined;
  /** Away until `back`. */
  leave: () => Promise<void>;
  back: () => void;
  stop: () => Promise<void>;
}>;
type DeviceSocket = SocketClient &
  Readonly<{ socket: ReturnType<typeof plainClient>['socket'] | ReturnType<typeof socketIoClient>['socket'] }>;

export type DeviceOptions = Readonly<{
  client: string;
  person: Person;
  home: number;
  transport: SocketClient['transport'];
  urls: readonly string[];
  recorder: Recorder;
  random: () => number;
}>;

const PATIENCE_MS = 15_000;
const HOLE_MS = 300;
const ATTEMPTS_WITHOUT_SIGN_IN = 4;

/** Without a word, where the transport allows it: the other side may be gone, and would never answer a farewell. */
function hangUp(client: DeviceSocket): void {
  if ('terminate' in client.socket) client.socket.terminate();
  else client.socket.close();
}

export function createDevice({ client, person, home, transport, urls, recorder, random }: DeviceOptions): Device {
  const by = { client, user: person.id };
  const copies = createCopies((conversation, version, begins) => recorder.holds(by, conversation, version, begins));
  let current: { socket: DeviceSocket; node: number } | undefined;
  let connects = 0;
  let stopped = false;
  let away: PromiseWithResolvers<void> | undefined;
  let asking: Promise<void> | undefined;
  let askAgain = false;
  let living: Promise<void> = Promise.resolve();
  const urlOf = (node: number): string => urls[node % urls.length] ?? '';
  const jitter = (least: number) => pause(least + random() * 2 * least);

  function arrive(name: string, payload: Payload): void {
    if (versioned.has(name)) recorder.told(by, name, payload);
    if (!copies.receive(name, payload)) return;
    // A hole may close by itself: events of several nodes arrive in any order.
    if (name === 'heads' || name === 'sync:required') void sync();
    else void pause(HOLE_MS).then(() => (isBehind() ? sync() : undefined));
  }
  const isBehind = (): boolean => [...copies.all.values()].some(({ held, later }) => held === undefined || later.size > 0);

  function sync(): Promise<void> {
    askAgain = true;
    asking ??= askUntilWhole().finally(() => {
      asking = undefined;
    });
    return asking;
  }
  const isStopped = () => stopped;
  const wantsAnswer = () => askAgain && current !== undefined && !stopped;
  async function askUntilWhole(): Promise<void> {
    while (wantsAnswer()) {
      askAgain = false;
      for (let more = true; more; ) {
        const socket = current?.socket;
        if (socket === undefined) break;
        const page = await askOnce(socket);
        if (page === undefined) {
          askAgain = true;
          await jitter(200);
          break;
        }
        more = copies.answer(page);
      }
      copies.giveUp();
    }
  }
  /** A page; undefined when there was no answer, or a refusal. */
  async function askOnce(socket: SocketClient): Promise<Payload> {
    const named = copies.ask();
    const ops = Object.entries(named).map(
      ([id, { version }]) => [id, version, recorder.invoke(by, { kind: 'sync', conversation: id, version })] as const,
    );
    const result = await withDeadline(socket.call('sync', { conversations: named }), { timeoutMs: PATIENCE_MS, what: 'sync' }).catch(
      () => undefined,
    );
    if (result?.ok !== true) {
      for (const [, , op] of ops) op.unknown();
      return undefined;
    }
    const answers = new Map<string, Payload>(result.data.conversations.map((one: Payload) => [one.id, one]));
    for (const [id, version, op] of ops) {
      const one = answers.get(id);
      if (one?.removed === true) op.fail('removed');
      else if (one === undefined) op.ok({ kind: 'sync', version: version ?? 0, messages: [], hasMore: version === undefined });
      else
        op.ok({
          kind: 'sync',
          version: one.version,
          messages: one.messages.map(shownOf),
          hasMore: one.hasMore || (one.reset === true && one.version === 0),
        });
    }
    return result.data;
  }

  function open(node: number): DeviceSocket {
    const options = { token: person.accessToken };
    const socket = transport === 'socket.io' ? socketIoClient(urlOf(node), options) : plainClient(urlOf(node), options);
    const record = socket.events.record.bind(socket.events);
    socket.events.record = (name, payload) => {
      record(name, payload);
      arrive(name, payload);
    };
    return socket;
  }
  async function live(): Promise<void> {
    for (let node = home; !isStopped(); ) {
      if (away !== undefined) await away.promise;
      const socket = open(node);
      try {
        await socket.connect();
      } catch {
        hangUp(socket);
        node += 1;
        await jitter(100);
        continue;
      }
      connects += 1;
      current = { socket, node: node % urls.length };
      if (stopped || away !== undefined) hangUp(socket);
      else void sync();
      await socket.closed;
      current = undefined;
      await asking;
      if (!stopped) await jitter(100);
    }
  }

  /** Over the socket where there is one; else, and when that was in doubt, over HTTP at the next node. */
  async function attempt(input: Readonly<{ conversationId: string; clientMessageId: string; content: string }>, at: number) {
    const { conversationId, ...body } = input;
    const socket = at === 0 ? current : undefined;
    const node = socket?.node ?? (home + at) % urls.length;
    const op = recorder.invoke(by, { kind: 'send', conversation: conversationId, id: input.clientMessageId, value: input.content });
    const begun = performance.now();
    const http = httpClient(urlOf(node), { token: person.accessToken });
    const path = `/api/v1/conversations/${conversationId}/messages`;
    const asked: Promise<Result & { answer?: HttpAnswer }> =
      socket === undefined
        ? http.call('POST', path, body).then((answer) => ({
            ...(answer.status < 300 ? { ok: true, data: answer.body } : { ok: false, error: answer.body }),
            answer,
          }))
        : socket.socket.call('message:send', input);
    const result = await withDeadline(asked, { timeoutMs: PATIENCE_MS, what: 'an answer' }).catch(() => undefined);
    const code = result?.ok === false ? (result.error?.code ?? `${result.answer?.status}`) : undefined;
    const outcome = result === undefined || (code !== undefined && UNKNOWN_OUTCOME.has(code)) ? 'unknown' : result.ok ? 'ok' : 'fail';
    if (result?.ok === true) op.ok({ kind: 'send', message: shownOf(result.data) });
    else if (outcome === 'fail') op.fail(String(code));
    else op.unknown();
    const retryAfter = result?.answer?.headers.get('retry-after') ?? undefined;
    recorder.attempts.push({
      at: Date.now(),
      ms: performance.now() - begun,
      node,
      over: socket === undefined ? 'http' : 'socket',
      outcome,
      code,
      retryAfter,
    });
    return { outcome, code } as const;
  }

  return {
    ...by,
    person,
    home,
    held: (conversation) => copies.all.get(conversation)?.held,
    node: () => current?.node,
    connects: () => connects,
    socket: () => current?.socket,
    async start() {
      living = live();
      // Failures of `live` are faults of the harness.
      living.catch(() => {});
    },
    async send(conversationId, content, givingUp) {
      const input = { conversationId, clientMessageId: randomUUID(), content };
      for (let at = 0; ; at += 1) {
        const { outcome, code } = await attempt(input, at);
        const isFinal =
          outcome === 'fail' && !RETRYABLE.has(String(code)) && (code !== 'UNAUTHENTICATED' || at >= ATTEMPTS_WITHOUT_SIGN_IN);
        if (outcome === 'ok' || isFinal || givingUp.aborted) return outcome;
        await jitter(100);
      }
    },
    async read(conversation, after) {
      const op = recorder.invoke(by, { kind: 'history', conversation, after });
      const path = `/api/v1/conversations/${conversation}/messages?limit=100&after=${after}`;
      const http = httpClient(urlOf(current?.node ?? home), { token: person.accessToken });
      const answer = await withDeadline(http.call('GET', path), { timeoutMs: PATIENCE_MS, what: 'history' }).catch(() => undefined);
      if (answer === undefined) op.unknown();
      else if (answer.status !== 200) op.fail(String(answer.body?.code ?? answer.status));
      else op.ok({ kind: 'history', messages: answer.body.items.map(shownOf), hasMore: answer.body.hasAfter });
      return answer?.status === 200 && answer.body.hasAfter === true;
    },
    async leave() {
      away = Promise.withResolvers<void>();
      const socket = current?.socket;
      if (socket !== undefined) hangUp(socket);
      await socket?.closed;
    },
    back() {
      away?.resolve();
      away = undefined;
    },
    async stop() {
      stopped = true;
      away?.resolve();
      if (current !== undefined) hangUp(current.socket);
      await living;
    },
  };
}
