import { afterAll, beforeAll, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import type { Instance } from '../support/instance.ts';
import { startRedis } from '../support/services.ts';
import { openSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';

let database: Database;
let redis: Instance;
let sink: SmtpSink;
let server: SpawnedApp;
beforeAll(async () => {
  [database, redis, sink] = await Promise.all([createDatabase(), startRedis(), openSmtpSink()]);
  const env = { SMTP_URL: sink.url, MAIL_FROM: 'no-reply@chat.example.com' };
  server = await spawnTestApp({ database, redisUrl: redis.url, env });
});
afterAll(async () => {
  await server?.stop();
  await Promise.all([sink.close(), redis.stop(), database.drop()]);
});

it('sends a mail within ten seconds of a restart, though the server was killed once the order was committed', async () => {
  const [name, email] = ['alice', 'alice@example.com'];
  const answer = await httpClient(server.url).call('POST', '/api/v1/auth/signup', {
    username: name,
    email,
    password: 'correct horse battery',
  });
  await server.kill('SIGKILL');
  expect(answer.status).toBe(201);
  await server.restart();
  const begun = performance.now();
  await until(() => sink.received.some(({ to }) => to.includes(email)), { what: 'the mail', timeoutMs: 20_000 });
  expect(performance.now() - begun).toBeLessThan(10_000);
  const ids = new Set(sink.received.filter(({ to }) => to.includes(email)).map(({ mail }) => mail.messageId));
  expect(ids.size).toBe(1);
});
