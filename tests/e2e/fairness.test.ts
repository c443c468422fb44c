import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus, openDirect, signUpAll } from '../support/people.ts';
import { until } from '../support/until.ts';

let app: ListeningApp;

// The embedded database has one session for all.
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(async () => {
  await app?.close();
});

it("one person's many calls do not keep another's message waiting", async () => {
  const { alice, bob, carol } = await signUpAll(app.url, 'alice', 'bob', 'carol');
  const { id } = await openDirect(bob, carol);
  const greedy = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const client = alice.plain();
      await client.connect();
      return client;
    }),
  );
  let answered = 0;
  for (const client of greedy)
    for (let n = 0; n < 200; n += 1)
      void client.call('sync', {}, undefined).then(
        () => (answered += 1),
        () => {},
      );
  await until(() => answered > 0, { what: 'the first answer' });
  const before = answered;
  expectStatus(await bob.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'hi' }), 201);
  // Each of the sender's few steps waits for a call of hers, not for all that are in flight.
  expect(answered - before).toBeLessThan(100);
  for (const client of greedy) client.socket.terminate();
  await app.settled();
  // What had not begun is not run for a socket that is gone.
  expect(answered).toBeLessThan(1_200);
});
