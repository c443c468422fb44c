import { hook } from '@coucou/application/kernel/hook';
import { messageStored } from '@coucou/application/messages/message-hooks';
import { afterAll, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { openDirect, signUpAll } from '../support/people.ts';
import { until } from '../support/until.ts';

let app: ListeningApp | undefined;
afterAll(() => app?.close());

it('a server that stops says so first, serves requests meanwhile, and stores what it has begun before it closes the socket', async () => {
  const door = Promise.withResolvers<void>();
  let isHeld = false;
  const holding = hook({
    name: 'tests.holding',
    at: messageStored,
    deps: {},
    async run(_ports, message) {
      isHeld = true;
      await door.promise;
      return message;
    },
  });
  app = await startTestApp({ overrides: { features: [{ name: 'tests', hooks: [holding] }] } });
  const { url } = app;
  const { alice, bob } = await signUpAll(url, 'alice', 'bob');
  const { id } = await openDirect(alice, bob);
  const [sender, idle] = [alice.socketIo(), bob.plain()];
  for (const client of [sender, idle]) await client.connect();
  const sent = sender.call('message:send', { conversationId: id, content: 'the last word' });
  await until(() => isHeld, { what: 'the message to be under way' });

  const closing = app.close();
  const anybody = httpClient(url);
  const { status, body } = await anybody.call('GET', '/health/ready');
  expect([status, body.checks.server]).toEqual([503, { status: 'down', detail: 'draining' }]);
  expect(await idle.closed).toMatchObject({ reason: 'server_draining', code: 4001 });
  expect((await bob.http.call('GET', `/api/v1/conversations/${id}/messages`)).status).toBe(200);
  await expect(bob.plain().connect()).rejects.toThrow('503');

  door.resolve();
  expect(await sent).toMatchObject({ ok: true, data: { content: 'the last word' } });
  expect(await sender.closed).toMatchObject({ reason: 'server_draining' });
  await closing;
  await expect(anybody.call('GET', '/health/ready')).rejects.toThrow('fetch failed');
  app = undefined;
});
