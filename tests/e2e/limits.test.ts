import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Result } from '../support/clients.ts';
import { type AppUnderTest, startAppUnderTest } from '../support/app-under-test.ts';
import { openDirect, openGroup, type Person, signUpAll } from '../support/people.ts';

/** Windows of an hour: nothing comes back while a test runs. */
let app: AppUnderTest;
beforeAll(async () => {
  app = await startAppUnderTest({ env: { LIMIT_USER_MESSAGES: '6/3600,100/7200', LIMIT_CONVERSATION_MESSAGES: '8/3600' } });
});
afterAll(() => app?.close());

const overHttp = (person: Person, conversationId: string, input: object) =>
  person.http.call('POST', `/api/v1/conversations/${conversationId}/messages`, input);
const codeOf = (result: Result) => (result.ok ? 'ok' : result.error.code);

describe('messages of one person', () => {
  it('are counted on all transports together', async () => {
    const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
    const { id: conversationId } = await openDirect(alice, bob);
    const [socketIo, plain] = [alice.socket('socket.io'), alice.socket('websocket')];
    await Promise.all([socketIo.connect(), plain.connect()]);
    for (let round = 1; round <= 2; round += 1) {
      const { status, headers } = await overHttp(alice, conversationId, { content: 'hello' });
      expect(status).toBe(201);
      expect(headers.get('ratelimit-policy')).toBe('"user-messages-3600";q=6;w=3600, "user-messages-7200";q=100;w=7200');
      expect(headers.get('ratelimit')).toMatch(new RegExp(`^"user-messages-3600";r=${8 - 3 * round};t=\\d+$`));
      for (const socket of [socketIo, plain])
        expect(codeOf(await socket.call('message:send', { conversationId, content: 'hello' }))).toBe('ok');
    }
    const refused = await overHttp(alice, conversationId, { content: 'one too many' });
    expect(refused).toMatchObject({
      status: 429,
      body: { code: 'RATE_LIMITED', details: { policy: 'user-messages', limit: 6, window: 3_600 } },
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(500);
    expect(refused.headers.get('ratelimit')).toMatch(/^"user-messages-3600";r=0;t=\d+$/);
    for (const socket of [socketIo, plain]) {
      expect(codeOf(await socket.call('message:send', { conversationId, content: 'one too many' }))).toBe('RATE_LIMITED');
      expect(socket.events.of('rate_limit_exceeded')).toMatchObject([{ limit: 6, window: 3_600, operation: 'message:send' }]);
      // Only messages are counted.
      expect(codeOf(await socket.call('conversations.get', { conversationId }))).toBe('ok');
    }
    // So are messages of other features; what the other person may is theirs.
    expect(codeOf(await plain.call('polls.create', { conversationId, question: 'Where?', options: ['Here', 'There'] }))).toBe(
      'RATE_LIMITED',
    );
    expect((await overHttp(bob, conversationId, { content: 'hello' })).status).toBe(201);
    await Promise.all([socketIo.close(), plain.close()]);
  });

  it('lose nothing: what was stored is answered as such, and what was refused is sent later', async () => {
    const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
    const { id: conversationId } = await openDirect(alice, bob);
    const messages = Array.from({ length: 7 }, (_, at) => ({ content: `message ${at}`, clientMessageId: randomUUID() }));
    const statuses = [];
    for (const message of messages) statuses.push((await overHttp(alice, conversationId, message)).status);
    expect(statuses).toEqual([201, 201, 201, 201, 201, 201, 429]);
    const [first, last] = [messages[0] as object, messages[6] as object];
    const resent = await overHttp(alice, conversationId, first);
    expect(resent).toMatchObject({ status: 200, body: { content: 'message 0' } });
    expect((await overHttp(alice, conversationId, { ...first, content: 'another' })).body.code).toBe('CLIENT_MESSAGE_ID_CONFLICT');
    expect((await overHttp(alice, conversationId, last)).status).toBe(429);
    const { body } = await bob.http.call('GET', `/api/v1/conversations/${conversationId}/messages`);
    expect(body.items.map(({ content }: { content: string }) => content)).toEqual(messages.slice(0, 6).map(({ content }) => content));
  });
});

describe('messages in one conversation', () => {
  it('are not used up by somebody who is no member', async () => {
    const { alice, bob, carol } = await signUpAll(app.url, 'alice', 'bob', 'carol');
    const { id } = await openDirect(alice, bob);
    for (let at = 0; at < 6; at += 1) {
      const { status, headers } = await overHttp(carol, id, { content: `${at}` });
      expect(status).toBe(404);
      expect(headers.get('ratelimit')).not.toContain('conversation');
    }
    const statuses = [];
    for (let at = 0; at < 8; at += 1) statuses.push((await overHttp(at % 2 === 0 ? alice : bob, id, { content: `${at}` })).status);
    expect(statuses).toEqual(Array.from({ length: 8 }, () => 201));
  });

  it('are counted over all senders, and a refused one is not taken from the limit of its sender', async () => {
    const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
    const { id } = await openGroup(alice, [bob]);
    const { id: other } = await openDirect(alice, bob);
    const statuses = [];
    for (let at = 0; at < 10; at += 1) statuses.push((await overHttp(at % 2 === 0 ? alice : bob, id, { content: `${at}` })).status);
    expect(statuses).toEqual([201, 201, 201, 201, 201, 201, 201, 201, 429, 429]);
    // Four of six were alice's: two are left for elsewhere.
    const elsewhere = [];
    for (let at = 0; at < 3; at += 1) elsewhere.push((await overHttp(alice, other, { content: `${at}` })).status);
    expect(elsewhere).toEqual([201, 201, 429]);
  });
});
