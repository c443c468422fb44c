import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus, expectUnavailable, openDirect, type Person, signUpAll } from '../support/people.ts';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';
import { isAppend } from './scenarios/statements.ts';

/** PostgreSQL answers nothing, and the connections stay open: a network that swallows what is sent, or a server that hangs. */

let database: Database;
let proxy: TcpProxy;
let app: ListeningApp;
let people: Record<'alice' | 'bob', Person>;
let id: string;
beforeAll(async () => {
  database = await createDatabase();
  proxy = await openTcpProxy(database.url);
  app = await startTestApp({ database: { ...database, url: proxy.url }, env: { LOG_LEVEL: 'silent' } });
  people = await signUpAll(app.url, 'alice', 'bob');
  ({ id } = await openDirect(people.alice, people.bob));
});
afterAll(async () => {
  await app?.close();
  await proxy?.close();
  await database?.drop();
});

const send = (person: Person, clientMessageId: string = randomUUID()) =>
  person.http.call('POST', `/api/v1/conversations/${id}/messages`, { clientMessageId, content: 'hello' });
const history = async (person: Person) =>
  expectStatus(await person.http.call('GET', `/api/v1/conversations/${id}/messages?limit=100`), 200).items;
const untilSound = () => until(async () => (await send(people.bob)).status === 201, { what: 'the server to go on' });

it('is an outage for what is under way and for what comes, and over when it answers', async () => {
  expectStatus(await send(people.alice), 201);
  const socket = people.alice.socket('websocket');
  await socket.connect();
  proxy.swallow();
  const [overSocket, read, ...sent] = await Promise.all([
    socket.call('message:send', { conversationId: id, content: 'hello' }),
    people.bob.http.call('GET', `/api/v1/conversations/${id}/messages`),
    ...Array.from({ length: 20 }, (_, at) => send(at % 2 === 0 ? people.alice : people.bob)),
  ]);
  expect(overSocket).toMatchObject({ ok: false, error: { code: 'SERVICE_UNAVAILABLE' } });
  for (const answer of [read, ...sent]) expectUnavailable(answer);
  expectUnavailable(await send(people.alice));
  proxy.mend();
  await untilSound();
  const seqs = (await history(people.bob)).map(({ seq }: { seq: number }) => seq);
  expect(seqs).toEqual(seqs.map((_: number, at: number) => at + 1));
  await socket.close();
});

it('leaves a send in doubt, which a resend resolves', async () => {
  const clientMessageId = randomUUID();
  let arrives = false;
  void proxy.intercept((sent) => {
    // Its answer does not.
    if (!arrives && isAppend(sent)) proxy.hold('toClient');
    arrives ||= isAppend(sent);
    return undefined;
  });
  expectUnavailable(await send(people.alice, clientMessageId));
  proxy.release();
  await untilSound();
  const [stored, ...more] = (await history(people.bob)).filter(
    (message: { clientMessageId?: string }) => message.clientMessageId === clientMessageId,
  );
  expect(stored).toMatchObject({ content: 'hello' });
  expect(more).toEqual([]);
  expect((await send(people.alice, clientMessageId)).body).toMatchObject({ id: stored.id, seq: stored.seq });
});
