import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { SocketClient } from '../support/clients.ts';
import { until } from '../support/until.ts';
import { created, joined, left, posted, unpresentable } from './events.ts';
import { bareClient, clientOf, connected, startStubGateway, textOf, tokenOf, transports, type StubGateway } from './stub-gateway.ts';

/** What this client was told, once nothing is on its way: an answer comes behind all that was sent before. */
async function heard({ gateway }: StubGateway, client: SocketClient): Promise<string[]> {
  await gateway.settled();
  await client.call('test:silent');
  return client.events.all
    .filter(({ name }) => name !== 'connected')
    .map(({ name, payload }) => (name === 'message:new' ? payload.message.content : name));
}

const serve = async (members: readonly string[], options = {}) => {
  const server = await startStubGateway(options);
  for (const name of members) server.currentMembers.members.add(name);
  return server;
};

describe.each(transports)('over %s', (transport) => {
  test('members are told in order, others are not', async () => {
    const server = await serve(['ann', 'bob']);
    const [ann, bob, eve] = [
      await connected(transport, server, 'ann'),
      await connected(transport, server, 'bob'),
      await connected(transport, server, 'eve'),
    ];
    for (const word of ['one', 'two', 'three']) server.tell([posted(word, 1)]);
    expect(await heard(server, ann)).toEqual(['one', 'two', 'three']);
    expect(await heard(server, bob)).toEqual(['one', 'two', 'three']);
    expect(await heard(server, eve)).toEqual([]);
    // One list per handshake and nothing else.
    expect(server.currentMembers.asked).toBe(3);
  });

  test('another account with the same ids hears nothing', async () => {
    const server = await serve(['ann']);
    const other = clientOf(transport, server.url, { token: tokenOf('ann', { inAccount: 'other' }) });
    await other.connect();
    server.tell([posted('ours', 1), created(['ann'], 1), left('ann', 2)]);
    expect(await heard(server, other)).toEqual([]);
  });

  test('a new conversation is followed by all devices of its members at once', async () => {
    const server = await serve([]);
    const [phone, laptop] = [await connected(transport, server, 'ann'), await connected(transport, server, 'ann')];
    server.tell([created(['ann', 'bob'], 1)]);
    server.tell([posted('hello', 1)]);
    expect(await heard(server, phone)).toEqual(['conversation:new', 'hello']);
    expect(await heard(server, laptop)).toEqual(['conversation:new', 'hello']);
  });

  test('whoever joins is told of the conversation and then of themselves', async () => {
    const server = await serve(['ann']);
    const [ann, bob] = [await connected(transport, server, 'ann'), await connected(transport, server, 'bob')];
    const asked = server.currentMembers.asked;
    server.tell([joined('bob', 2), joined('cleo', 2)]);
    server.tell([posted('welcome', 2)]);
    expect(await heard(server, ann)).toEqual(['member:joined', 'member:joined', 'welcome']);
    expect(await heard(server, bob)).toEqual(['conversation:new', 'member:joined', 'member:joined', 'welcome']);
    // The change is known in full: nothing to ask.
    expect(server.currentMembers.asked).toBe(asked);
  });

  test('whoever is removed is out before the removal is announced', async () => {
    const server = await serve(['ann', 'bob']);
    const [ann, bob] = [await connected(transport, server, 'ann'), await connected(transport, server, 'bob')];
    server.tell([left('bob', 2)]);
    server.tell([posted('behind his back', 2)]);
    expect(await heard(server, bob)).toEqual(['conversation:removed']);
    expect(await heard(server, ann)).toEqual(['member:left', 'behind his back']);
  });

  test('D7: a message from after the removal comes first, and the removed hears nothing of it', async () => {
    const server = await serve(['ann', 'bob']);
    const [ann, bob] = [await connected(transport, server, 'ann'), await connected(transport, server, 'bob')];
    server.currentMembers.accessVersion = 2;
    server.currentMembers.members.delete('bob');
    server.tell([posted('secret', 2)]);
    server.tell([posted('more', 2)]);
    expect(await heard(server, ann)).toEqual(['secret', 'more']);
    // In case the removal itself is lost.
    expect(await heard(server, bob)).toEqual(['sync:required']);
    expect(bob.events.of('sync:required')[0]).toMatchObject({ reason: 'recovered', conversationIds: ['room'] });
    server.tell([left('bob', 2)]);
    expect(await heard(server, bob)).toEqual(['sync:required', 'conversation:removed']);
    expect(await heard(server, ann)).toEqual(['secret', 'more', 'member:left']);
    expect(server.currentMembers.asked).toBe(3);
  });

  test('D7: a list that was read before the removal and arrives after it leads to no leak', async () => {
    const server = await serve(['ann', 'bob']);
    const ann = await connected(transport, server, 'ann');
    server.currentMembers.meanwhile = () => {
      server.currentMembers.meanwhile = undefined;
      server.currentMembers.members.delete('bob');
      server.currentMembers.accessVersion = 2;
      server.tell([left('bob', 2)]);
    };
    const bob = await connected(transport, server, 'bob');
    server.tell([posted('secret', 2)]);
    expect(await heard(server, ann)).toEqual(['member:left', 'secret']);
    expect(await heard(server, bob)).toEqual(['conversation:removed', 'sync:required']);
  });

  test('D7: an announcement of joining that comes after the one of leaving leads to no leak', async () => {
    const server = await serve(['ann']);
    const [ann, bob] = [await connected(transport, server, 'ann'), await connected(transport, server, 'bob')];
    server.currentMembers.accessVersion = 3;
    server.tell([left('bob', 3)]);
    server.tell([joined('bob', 2)]);
    server.tell([posted('secret', 3)]);
    expect((await heard(server, ann)).at(-1)).toBe('secret');
    expect(await heard(server, bob)).not.toContain('secret');
  });

  test('one who was removed and came back stays, though the removal is told last', async () => {
    const server = await serve(['ann', 'bob']);
    const bob = await connected(transport, server, 'bob');
    server.currentMembers.accessVersion = 3;
    server.tell([joined('bob', 3)]);
    server.tell([left('bob', 2)]);
    server.tell([posted('still here', 3)]);
    expect(await heard(server, bob)).toContain('still here');
  });

  test('while the members cannot be loaded a room waits, and nothing is lost or out of order', async () => {
    const server = await serve(['ann', 'bob']);
    const [ann, bob] = [await connected(transport, server, 'ann'), await connected(transport, server, 'bob')];
    server.currentMembers.failures = 2;
    server.currentMembers.accessVersion = 3;
    server.currentMembers.members.delete('bob');
    for (const [word, version] of [
      ['one', 3],
      ['two', 1],
      ['three', 3],
    ] as const)
      server.tell([posted(word, version)]);
    expect(server.gateway.stats().waitingRooms).toBe(1);
    expect(await heard(server, ann)).toEqual(['one', 'two', 'three']);
    expect(await heard(server, bob)).toEqual(['sync:required']);
    expect(server.gateway.stats().waitingRooms).toBe(0);
  });

  test('a room that waits too long is told to sync', async () => {
    const server = await serve(['ann']);
    const ann = await connected(transport, server, 'ann');
    server.currentMembers.failures = 1;
    server.currentMembers.accessVersion = 2;
    for (let index = 0; index < 600; index += 1) server.tell([posted(`message ${index}`, 2)]);
    const events = await heard(server, ann);
    expect(events[0]).toBe('sync:required');
    expect(events.at(-1)).toBe('message 599');
    expect(events.length).toBeLessThan(600);
    expect(ann.events.of('sync:required')[0]).toMatchObject({ reason: 'overflow', conversationIds: ['room'], at: expect.any(String) });
  });

  test('what nobody here follows is not even presented', async () => {
    let presented = 0;
    const server = await serve([], { present: () => ({ presented: (presented += 1) }) });
    const eve = await connected(transport, server, 'eve');
    server.tell([posted('far away', 1), created(['ann'], 1), left('ann', 2)]);
    expect(await heard(server, eve)).toEqual([]);
    expect(presented).toBe(0);
  });

  test('an event that cannot be presented is logged and stops nothing', async () => {
    const server = await serve(['ann']);
    const ann = await connected(transport, server, 'ann');
    server.tell([unpresentable(created(['ann'], 1)), posted('fine', 1)]);
    expect(await heard(server, ann)).toEqual(['fine']);
    expect(server.logs.find(({ level }) => level === 'error')).toMatchObject({ event: 'conversation:new' });
  });
});

/** Kernel buffers take a few MiB before anything waits in the process. */
async function flood(server: StubGateway, isOver: () => boolean): Promise<void> {
  const text = 'x'.repeat(50_000);
  for (let batch = 0; batch < 400 && !isOver(); batch += 1) {
    server.tell([posted(text, 1)]);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('D10: a plain client that does not read is closed, its neighbour hears everything', async () => {
  const server = await serve(['ann', 'bob']);
  const slow = bareClient(server.url, { token: tokenOf('ann') });
  await slow.connect();
  const keen = await connected('websocket', server, 'bob');
  slow.socket.pause();
  await flood(server, () => server.gateway.stats().sockets === 1);
  expect(server.gateway.stats().sockets).toBe(1);
  server.tell([posted('afterwards', 1)]);
  expect((await heard(server, keen)).at(-1)).toBe('afterwards');
  slow.socket.resume();
  expect(await slow.closed).toEqual({ code: 4002, reason: 'slow_consumer' });
});

test('D10: a Socket.IO client that does not read is closed, its neighbour hears everything', async () => {
  const server = await serve(['ann', 'bob']);
  const raw = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  await once(raw, 'message');
  raw.send(`40${JSON.stringify({ token: tokenOf('ann') })}`);
  await once(raw, 'message');
  const keen = await connected('socket.io', server, 'bob');
  await until(() => server.gateway.stats().people === 2, { what: 'both to be in' });
  raw.pause();
  await flood(server, () => server.gateway.stats().sockets === 1);
  expect(server.gateway.stats().sockets).toBe(1);
  server.tell([posted('afterwards', 1)]);
  expect((await heard(server, keen)).at(-1)).toBe('afterwards');
  let last = '';
  raw.on('message', (data) => {
    if (textOf(data).startsWith('42')) last = textOf(data);
  });
  raw.resume();
  await once(raw, 'close');
  expect(last).toContain('"closing"');
  expect(last).toContain('slow_consumer');
});

test('a Socket.IO client that polls no more is bounded too', async () => {
  const server = await serve(['ann'], { mostBuffered: 100_000 });
  const session = `${server.url}/socket.io/?EIO=4&transport=polling`;
  const { sid } = JSON.parse((await (await fetch(session)).text()).slice(1));
  await fetch(`${session}&sid=${sid}`, { method: 'POST', body: `40${JSON.stringify({ token: tokenOf('ann') })}` });
  await until(() => server.gateway.stats().rooms === 1, { what: 'the rooms' });
  await flood(server, () => server.gateway.stats().sockets === 0);
  expect(server.gateway.stats().sockets).toBe(0);
});
