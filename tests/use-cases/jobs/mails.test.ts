import { mailDue } from '@coucou/application/mail/mail-events';
import { jobs } from '@coucou/server/admin/jobs';
import { sendMail, sendNotice } from '@coucou/application/mail/send-mail';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

it('sends what somebody waits for before what tells of something', () => {
  expect([sendMail.queue, sendNotice.queue]).toEqual(['urgent', 'normal']);
});

const at = '2026-12-01T00:00:00.000Z';
const userId = '018f2f6e-7d1a-7cc0-9d0e-3f1f8a0c2b11';

it.each([
  [{}, false],
  [{ order: null, at }, false],
  [{ order: { kind: 'toString' }, at }, false],
  [{ order: { kind: 'magicLink', email: 'a@example.com' }, at: 'soon' }, false],
  [{ order: { kind: 'magicLink', email: 17 }, at }, false],
  [{ order: { kind: 'verifyEmail', userId, email: 'a@example.com' }, at }, false],
  [{ order: { kind: 'verifyEmail', userId, email: 'a@example.com', version: 0 }, at }, true],
  [{ order: { kind: 'magicLink', email: 'a@example.com' }, at }, true],
  [{ order: { kind: 'passwordChanged', userId, more: 'of a later version' }, at }, true],
])('knows whether an order can be read: %j', (fact, can) => {
  expect(mailDue.reads?.(fact)).toBe(can);
});

it('gives up at once what it cannot read, and says why', async () => {
  await app.sql(
    `insert into outbox (account_id, id, type, payload) values (current_setting('app.account_id')::uuid, gen_random_uuid(), 'mail.due', '{"order": {"kind": "greeting"}}')`,
  );
  await app.settled().catch(() => {});
  const lines: string[] = [];
  await jobs.prepare(['list'])({ ports: app.container, print: (line) => lines.push(line) });
  expect(lines).toEqual([expect.stringMatching(/mail\.due {2}1 attempts {2}JOB_UNREADABLE: What was stored for this job cannot be read/)]);
});
