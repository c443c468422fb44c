import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import { smtpMailer } from '../../../tests/support/smtp-mailer.ts';
import { openSmtpSink, type SmtpSink, type SunkMail } from '../../../tests/support/smtp-sink.ts';
import { type Caller, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../../../tests/use-cases/calls.ts';
import { sendDigests } from '../src/application/send-digests.ts';

let sink: SmtpSink;
let mailer: ReturnType<typeof smtpMailer>;
let app: TestApp;
let alice: Caller;
let bob: Caller;
let direct: Payload;
beforeAll(async () => {
  sink = await openSmtpSink();
  mailer = smtpMailer(sink.url);
  app = await openTestApp({ overrides: [mailer.provide] });
});
beforeEach(async () => {
  app.time.now = new Date('2031-05-12T07:00:00.000Z');
  [alice, bob] = [await app.person('alice'), await app.person('bob')];
  await app.sql('update app_user set email_verified = true where id = $1', [bob.id]);
  direct = await openDirect(alice, bob);
  // From now on it is known what is new.
  await at('2031-05-12T07:30:00.000Z');
});
afterEach(() => {
  sink.received.length = 0;
});
afterAll(async () => {
  await app.close();
  await mailer.close();
  await sink.close();
});

/** Looks for what is due at a time, and answers what came to bob. */
async function at(time: string): Promise<readonly SunkMail[]> {
  const before = sink.received.length;
  app.time.now = new Date(time);
  await sendDigests.run(app.container.portsOf(sendDigests.deps), { aborted: false });
  await app.settled();
  return sink.received.slice(before);
}
/** The database has a clock of its own, by which messages are of this year. */
async function sendAt(time: string, content: string): Promise<void> {
  await send(alice, direct, content);
  await app.sql('update conversation_head set active_at = $2 where conversation_id = $1', [direct['id'], time]);
}
const rules = (notifications: object) =>
  bob.call('preferences.put', { locale: 'en', notifications: { push: true, email: true, mentionsOnly: false, ...notifications } });
const header = ({ mail }: SunkMail, name: string) => mail.headers.find(({ key }) => key === name)?.value;
const tokenIn = (sunk: SunkMail) => /unsubscribe\/([\w-]+)>$/.exec(header(sunk, 'list-unsubscribe') ?? '')?.[1] ?? '';

describe('the digest', () => {
  it('tells by mail what is unread, with a way out that mail programs know, and says nothing that others wrote', async () => {
    await send(alice, direct, 'a secret');
    await send(alice, await openGroup(alice, [bob]), 'another');
    const [sunk, ...more] = await at('2031-05-12T08:00:00.000Z');
    if (sunk === undefined) throw new Error('nothing came');
    expect(more).toEqual([]);
    expect(sunk.mail.subject).toBe('2 unread messages at 127.0.0.1:3000');
    expect(sunk.mail.text).toContain('2, in 2 of your conversations');
    expect(sunk.raw).not.toMatch(/secret|another/);
    expect(header(sunk, 'list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    expect(header(sunk, 'list-unsubscribe')).toMatch(/^<http:\/\/127\.0\.0\.1:3000\/api\/v1\/notifications\/unsubscribe\/[\w-]+>$/);
    for (const text of [sunk.mail.text, sunk.mail.html]) expect(text).toContain(`/links/unsubscribe#token=`);
  });

  it('comes once for what is unread, and again when there is more', async () => {
    await send(alice, direct, 'one');
    expect(await at('2031-05-12T08:00:00.000Z')).toHaveLength(1);
    expect(await at('2031-05-12T09:00:00.000Z')).toEqual([]);
    expect(await at('2031-05-13T08:00:00.000Z')).toEqual([]);
    await sendAt('2031-05-13T09:00:00.000Z', 'two');
    expect((await at('2031-05-14T08:00:00.000Z')).map(({ mail }) => mail.subject)).toEqual([expect.stringMatching(/^2 unread/)]);
  });

  it('comes when and where the person wants it', async () => {
    await rules({ digest: { every: 'week', at: '18:30', timeZone: 'America/New_York' } });
    await at('2031-05-12T08:00:00.000Z');
    await send(alice, direct, 'one');
    // Of the next Monday in New York it is 18:29, and then 18:30.
    expect(await at('2031-05-12T22:29:00.000Z')).toEqual([]);
    expect(await at('2031-05-12T22:30:00.000Z')).toHaveLength(1);
    await sendAt('2031-05-13T09:00:00.000Z', 'two');
    expect(await at('2031-05-18T22:30:00.000Z')).toEqual([]);
    expect(await at('2031-05-19T22:30:00.000Z')).toHaveLength(1);
  });

  const changes: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['who has read all of it', () => bob.call('receipts.mark', { items: [{ conversationId: direct['id'], readSeq: 1 }] })],
    [
      'who muted the conversation',
      () => bob.call('membership.update', { conversationId: direct['id'], mutedUntil: '2999-01-01T00:00:00.000Z' }),
    ],
    ['who wants no mails', () => rules({ email: false })],
    ['who wants mentions only, and has none', () => rules({ mentionsOnly: true })],
    ['whose address nobody has proven', () => app.sql('update app_user set email_verified = false where id = $1', [bob.id])],
  ];
  it.each(changes)('does not go to somebody %s', async (_, change) => {
    await send(alice, direct, 'one');
    await change();
    expect(await at('2031-05-12T08:00:00.000Z')).toEqual([]);
  });

  it('does not go to anybody of an account that is suspended', async () => {
    await send(alice, direct, 'one');
    const [own] = await app.sql('select account_id from app_user where id = $1', [bob.id]);
    const suspend = (isSuspended: boolean) => app.uow.system('accounts', (tx) => tx.suspendAccount(own?.['account_id'], isSuspended));
    await suspend(true);
    const told = await at('2031-05-12T08:00:00.000Z');
    await suspend(false);
    // Else they are told in the tests after this one.
    await rules({ email: false });
    expect(told).toEqual([]);
  });
});

describe('the link in it', () => {
  it('unsubscribes by one post of nobody in particular, again and again, from mails alone', async () => {
    await rules({ mentionsOnly: false, content: false });
    await send(alice, direct, 'one');
    const [sunk] = await at('2031-05-12T08:00:00.000Z');
    const token = sunk === undefined ? '' : tokenIn(sunk);
    // Of another account as far as its client key goes.
    const nobody = app.visitor(await app.account());
    for (let times = 0; times < 2; times += 1) await nobody.call('notifications.unsubscribe', { token });
    expect(await bob.call('preferences.get')).toMatchObject({ notifications: { email: false, push: true, content: false } });
    expect(await alice.call('preferences.get')).toMatchObject({ notifications: { email: true } });
    await send(alice, direct, 'two');
    expect(await at('2031-05-13T08:00:00.000Z')).toEqual([]);
    expect(await refusal(nobody.call('notifications.unsubscribe', { token: `${token}x` }))).toBe('LINK_INVALID');
  });
});
