import { afterAll, beforeAll, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { openSmtpSink } from '../support/smtp-sink.ts';
import { spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';
import { type EnginePools, openPostgres } from '../storage/engines.ts';

let database: Database;
let engine: EnginePools;
beforeAll(async () => {
  database = await createDatabase();
  engine = openPostgres(database);
});
afterAll(async () => {
  await engine.close();
  await database.drop();
});

it('sends a mail that was ordered while the mail server was away, after the server was killed', async () => {
  // A port that nothing listens on, until the mail server is back.
  const gone = await openSmtpSink();
  const port = Number(new URL(gone.url).port);
  await gone.close();
  const server = await spawnTestApp({ database, env: { SMTP_URL: gone.url, MAIL_FROM: 'no-reply@chat.example.com' } });
  try {
    const alice = { username: 'alice', email: 'alice@example.com', password: 'correct horse battery' };
    const answer = await httpClient(server.url).call('POST', '/api/v1/auth/signup', alice);
    expect(answer.status).toBe(201);
    const orders = () =>
      engine.owner.use(async (session) => {
        const { rows } = await session.query<{ last_error: string | null; dead_at: Date | null }>(
          `select last_error, dead_at from outbox where type = 'mail.due'`,
          [],
        );
        return rows;
      });
    await until(async () => (await orders())[0]?.last_error, { what: 'the first attempt to fail' });
    expect(await orders()).toMatchObject([{ dead_at: null, last_error: expect.not.stringContaining('alice') }]);
    await server.kill('SIGKILL');
    const sink = await openSmtpSink({ port });
    // The next attempt is due in half a minute.
    await engine.owner.use((session) => session.query(`update outbox set due_at = now() where type = 'mail.due'`, []));
    await server.restart();
    await until(() => sink.received.length > 0, { what: 'the mail to arrive', timeoutMs: 30_000 });
    expect(sink.received).toMatchObject([{ to: ['alice@example.com'], mail: { subject: expect.stringContaining('Confirm') } }]);
    await until(async () => (await orders()).length === 0, { what: 'the order to be done' });
    await sink.close();
  } finally {
    await server.stop();
  }
});
