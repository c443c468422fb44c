import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dataOf, httpClient } from '../support/clients.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { privateDirectory } from '../support/machine.ts';
import { expectStatus, signUp } from '../support/people.ts';
import { until } from '../support/until.ts';

let directory: string;
let app: ListeningApp;
beforeAll(async () => {
  directory = await privateDirectory('logs');
  const env = { LOG_FILE: join(directory, 'server.log'), LOG_FILE_BYTES: '65536', LOG_FILE_KEEP: '100' };
  app = await startTestApp({ env: { ...env, LOG_LEVEL: 'debug', INSTANCE_ID: 'node-7' } });
});
afterAll(async () => {
  await app?.close();
  await rm(directory, { recursive: true, force: true });
});

const text = async (): Promise<string> => {
  const names = await readdir(directory);
  return (await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))).join('');
};
const entries = async (): Promise<Record<string, unknown>[]> =>
  (await text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const entryOf = async (fields: Record<string, unknown>) => {
  const found = async () => (await entries()).find((entry) => Object.entries(fields).every(([name, value]) => entry[name] === value));
  await until(async () => (await found()) !== undefined, { what: `an entry of ${JSON.stringify(fields)}` });
  return found();
};

it('says of every request and call who, from where, on which node and for how long, and nothing of what was said', async () => {
  const alice = await signUp(app.url);
  const bob = await signUp(app.url, 'bob');
  const { id } = expectStatus(await alice.http.call('POST', '/api/v1/conversations', { type: 'direct', userId: bob.id }), 201);
  expectStatus(await alice.http.call('GET', `/api/v1/conversations/${id}`, undefined, { 'x-request-id': 'the-request' }), 200);
  const socket = alice.socket('websocket');
  await socket.connect();
  dataOf(await socket.call('messages.send', { conversationId: id, clientMessageId: randomUUID(), content: 'between us alone' }));
  await socket.close();
  const who = { accountId: expect.any(String), userId: alice.id, sessionId: alice.session.id, ip: '127.0.0.1' };
  const everywhere = { ...who, instance: 'node-7', time: expect.stringMatching(/Z$/), durationMs: expect.any(Number) };
  expect(await entryOf({ msg: 'request', requestId: 'the-request' })).toEqual({
    ...everywhere,
    level: 'info',
    msg: 'request',
    requestId: 'the-request',
    method: 'GET',
    route: '/api/v1/conversations/:conversationId',
    status: 200,
  });
  expect(await entryOf({ msg: 'call', operation: 'messages.send' })).toEqual({
    ...everywhere,
    level: 'debug',
    msg: 'call',
    requestId: expect.any(String),
    socketId: expect.any(String),
    operation: 'messages.send',
    code: 'OK',
  });
  const said = await text();
  for (const secret of [alice.password, alice.accessToken, alice.refreshToken, 'between us alone', id]) expect(said).not.toContain(secret);
});

it('goes on in another file when one is full, and loses no line', async () => {
  const stranger = httpClient(app.url);
  const ids = Array.from({ length: 600 }, (_, at) => `numbered-${at}`);
  for (const requestId of ids) await stranger.call('GET', '/nowhere', undefined, { 'x-request-id': requestId });
  await entryOf({ requestId: ids.at(-1) });
  const seen = (await entries()).map(({ requestId }) => requestId).filter((requestId) => String(requestId).startsWith('numbered-'));
  expect(new Set(seen)).toEqual(new Set(ids));
  expect(seen).toHaveLength(ids.length);
  expect((await readdir(directory)).toSorted().slice(0, 2)).toEqual(['server.log', 'server.log.1']);
});
