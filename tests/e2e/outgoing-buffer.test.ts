import { randomUUID } from 'node:crypto';
import type { WebSocket } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataOf, type SocketClient } from '../support/clients.ts';
import type { Payload } from '../support/event-log.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus, openGroup, type Person, signUp } from '../support/people.ts';
import { until } from '../support/until.ts';

/** How much may wait for a client that reads too slowly, as an operator sets it. */

const MIB = 1024 * 1024;
/** As large as a message may be: 28,000 bytes. */
const large = () => ({ clientMessageId: randomUUID(), content: '🐦'.repeat(5_000), data: { filler: 'x'.repeat(8_000) } });

let app: ListeningApp;
let alice: Person;
let bob: Person;
let group: string;
async function open(bytes: number): Promise<void> {
  app = await startTestApp({ env: { MAX_OUTGOING_BUFFER: String(bytes) } });
  [alice, bob] = [await signUp(app.url), await signUp(app.url, 'bob')];
  ({ id: group } = await openGroup(alice, [bob]));
}

/** Resolves when all of them have been handed to every connection. */
async function flood(messages: number): Promise<void> {
  const lane = async (_: unknown, at: number) => {
    for (let sent = at; sent < messages; sent += 10)
      expectStatus(await alice.http.call('POST', `/api/v1/conversations/${group}/messages`, large()), 201);
  };
  await Promise.all(Array.from({ length: 10 }, lane));
  await app.settled();
}

/** Why the connections of bob ended, the newest first; undefined while one is open. */
async function ends(): Promise<readonly Readonly<{ transport: string; endReason?: string }>[]> {
  const { items } = expectStatus(await bob.http.call('GET', `/api/v1/users/${bob.id}/connection-history`), 200);
  return items.map(({ transport, endReason }: Payload) => ({ transport, endReason }));
}

/** More than 1 MiB and what the operating system holds on both sides (4 and 6 MiB at most), and less than 16 MiB. */
const FLOOD = 450;

/** Clients of bob that read nothing while 12 MiB are sent to them, and read again from `resume` on. */
async function stalled(): Promise<readonly Readonly<{ client: SocketClient; resume: () => void }>[]> {
  const [plain, socketIo] = [bob.plain(), bob.socketIo({ transports: ['websocket'] })];
  for (const client of [plain, socketIo]) await client.connect();
  // Socket.IO has no name for the connection of its transport.
  const { ws } = socketIo.socket.io.engine.transport as unknown as { ws: WebSocket };
  for (const webSocket of [plain.socket, ws]) webSocket.pause();
  await flood(FLOOD);
  return [
    { client: plain, resume: () => plain.socket.resume() },
    { client: socketIo, resume: () => ws.resume() },
  ];
}

describe('where 1 MiB may wait for a WebSocket', () => {
  beforeAll(() => open(MIB));
  afterAll(() => app.close());

  it('closes clients for which 12 MiB wait, of Socket.IO and plain', async () => {
    const clients = await stalled();
    const areClosed = async () => (await ends()).filter(({ endReason }) => endReason === 'slow_consumer').length === 2;
    await until(areClosed, { what: 'the ends of both' });
    for (const { client, resume } of clients) {
      resume();
      await client.closed;
      expect(client.events.of('message:new').length).toBeLessThan(FLOOD);
    }
  });
});

describe('where 16 MiB may wait for a WebSocket', () => {
  beforeAll(() => open(16 * MIB));
  afterAll(() => app.close());

  it('keeps clients for which 12 MiB wait, of Socket.IO and plain, and they get all of it', async () => {
    for (const { client, resume } of await stalled()) {
      resume();
      await until(() => client.events.of('message:new').length === FLOOD, { what: 'all that waited' });
      expect(dataOf(await client.call('auth.me'))).toMatchObject({ user: { id: bob.id } });
      expect(client.events.of('closing')).toEqual([]);
      await client.close();
    }
  });
});

describe('where 1 MiB may wait for a client that polls', () => {
  beforeAll(() => open(MIB));
  afterAll(() => app.close());

  /** Answers what waits for a new client whenever it is asked. */
  async function polling(): Promise<() => Promise<string>> {
    const session = `${app.url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await (await fetch(session)).text()).slice(1));
    const poll = async () => (await fetch(`${session}&sid=${sid}`)).text();
    await fetch(`${session}&sid=${sid}`, { method: 'POST', body: `40${JSON.stringify({ token: bob.accessToken })}` });
    let seen = '';
    await until(async () => (seen += await poll()).includes('"connected"'), { what: 'the welcome' });
    return poll;
  }

  it('keeps it just below that, and closes it just above', async () => {
    const keen = await polling();
    // It asks for nothing any more.
    await polling();
    // All of it waits in the server, where it is counted in UTF-16 code units.
    await flood(1);
    const { length: one } = await keen();
    const below = Math.floor((0.95 * MIB) / one) - 1;
    await flood(below);
    const held = await keen();
    expect(held.match(/"message:new"/g)).toHaveLength(below);
    expect(held).not.toContain('"closing"');
    await flood(Math.ceil((0.1 * MIB) / one));
    const [newest] = await until(async () => (await ends())[0]?.endReason !== undefined && ends(), { what: 'the end of the silent one' });
    expect(newest).toEqual({ transport: 'polling', endReason: 'slow_consumer' });
  });
});
