import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataOf } from '../support/clients.ts';
import { type AppUnderTest, startAppUnderTest } from '../support/app-under-test.ts';
import { canPoll } from '../support/load-balancing.ts';
import { openDirect, type Person, signUpAll } from '../support/people.ts';
import { hasPythonClient, pythonClient } from '../support/python-client.ts';

const isThere = hasPythonClient();
if (!isThere) console.log('NOT RUN: a client of python-socketio (Debian: apt-get install python3-socketio python3-aiohttp)');

describe.runIf(isThere)('a client of python-socketio', () => {
  let app: AppUnderTest;
  let people: Record<'alice' | 'bob', Person>;
  let conversationId: string;
  beforeAll(async () => {
    app = await startAppUnderTest();
    people = await signUpAll(app.url, 'alice', 'bob');
    ({ id: conversationId } = await openDirect(people.alice, people.bob));
  });
  afterAll(() => app?.close());

  const ways = [
    ['WebSocket', ['websocket']],
    ['long polling', ['polling']],
  ] as const;
  it.each(canPoll ? ways : ways.slice(0, 1))('signs in, sends, receives and syncs over %s', async (_, transports) => {
    const { alice, bob } = people;
    const python = await pythonClient(app.url, alice.accessToken, transports);
    const peer = bob.socket('websocket');
    await peer.connect();
    expect(python.transport).toBe(transports[0]);

    const content = `from Python over ${transports[0]} – ünïcödé 🐍`;
    const sent = dataOf(await python.call('message:send', { conversationId, content, clientMessageId: randomUUID() }));
    expect((await peer.events.next('message:new', ({ message }) => message.content === content)).message.seq).toBe(sent.seq);

    const answer = dataOf(await peer.call('message:send', { conversationId, content: 'to Python', clientMessageId: randomUUID() }));
    const received = await python.events.next('message:new', ({ message }) => message.seq === answer.seq);
    expect(received.message).toMatchObject({ content: 'to Python', seq: sent.seq + 1 });

    const { conversations } = dataOf(await python.call('sync', { conversations: { [conversationId]: { version: sent.version - 1 } } }));
    expect(conversations[0].messages.map((message: { content: string }) => message.content)).toEqual([content, 'to Python']);
    expect(await python.call('message:send', { conversationId })).toMatchObject({ ok: false, error: { code: 'VALIDATION_FAILED' } });
    await python.close();
    await peer.close();
  });
});
