import { mailDue, type MailOrder } from '@coucou/application/mail/mail-events';
import { forgetBounces } from '@coucou/application/mail/suppressions';
import { Mailer } from '@coucou/application/ports/mailer';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { override } from '@coucou/server/composition/ports';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSmtpSink, type SmtpSink } from '../../support/smtp-sink.ts';
import { createSmtpMailer, type SmtpMailer } from '@coucou/mail/smtp-mailer';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';

/** Addresses that mail came back from, by a real mail server's answers and by what a provider reports. */

let app: TestApp;
let sink: SmtpSink;
let mailer: SmtpMailer;
let account: AccountId;
let owner: Caller;
beforeAll(async () => {
  sink = await openSmtpSink();
  mailer = createSmtpMailer({ url: sink.url, from: { address: 'no-reply@chat.example.com' }, log: { warn: () => {} } });
  app = await openTestApp({ overrides: [override(Mailer, mailer)] });
});
afterAll(async () => {
  await app.close();
  await mailer.close(0);
  await sink.close();
});
beforeEach(async () => {
  account = await app.account();
  owner = await app.person('owner', account, 'owner');
  sink.received.length = 0;
  Object.assign(sink.moods, { rcpt: undefined, data: undefined, says: undefined });
  app.time.now = undefined;
});

const emailOf = (who: Caller) => app.uow.read(who.account, async (tx) => (await tx.users.lookup(who.id))?.email ?? '');
const refused = (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: { code: string }) => error.code,
  );
const listed = async (by: Pick<Caller, 'call'> = owner, input: object = {}) =>
  (await by.call('admin.listMailSuppressions', { ...input })).items.map(
    ({ address, reason }: Record<string, string>) => `${reason} ${address}`,
  );
const report = (address: string, kind: string, more: object = {}) =>
  app.byKey(['mail:report'], account).call('admin.reportBounce', { address, kind, ...more });

/** Has a mail sent; answers whether it arrived. */
async function arrives(who: Caller): Promise<boolean> {
  const email = await emailOf(who);
  const order: MailOrder = { kind: 'magicLink', email };
  const before = sink.received.length;
  await app.uow.write(who.account, async (tx) => tx.emit(mailDue({ order, at: app.time.now ?? new Date() })));
  await app.settled();
  return sink.received.length > before;
}

describe('mail to an address', () => {
  it('is held back once it was reported, in this account alone and however it is spelled', async () => {
    const alice = await app.person('alice', account);
    const email = await emailOf(alice);
    expect(await arrives(alice)).toBe(true);
    await report(email.toUpperCase(), 'hard');
    expect(await arrives(alice)).toBe(false);
    expect(await listed()).toEqual([`hard ${email.toUpperCase()}`]);
    const elsewhere = await app.person('bob', await app.account(), 'owner');
    await app.uow.write(elsewhere.account, async (tx) =>
      tx.emit(mailDue({ order: { kind: 'verifyEmail', userId: elsewhere.id, email, version: 0 }, at: new Date() })),
    );
    await app.settled();
    expect(sink.received.at(-1)?.to).toEqual([email]);
    expect(await listed(elsewhere)).toEqual([]);
  });

  it('is sent again once it is lifted, which is written down, or when its time is over', async () => {
    const alice = await app.person('alice', account);
    const email = await emailOf(alice);
    await report(email, 'complaint');
    const { items } = await owner.call('admin.listMailSuppressions', { address: email });
    const lift = (by: Pick<Caller, 'call'>) => by.call('admin.liftMailSuppression', { suppressionId: items[0].id });
    expect(await refused(lift(app.byKey(['mail:report'], account)))).toBe('FORBIDDEN');
    await lift(app.byKey(['mail:write'], account));
    expect(await refused(lift(owner))).toBe('MAIL_SUPPRESSION_NOT_FOUND');
    expect((await owner.call('admin.listAuditLogs', { action: 'mail_suppression_lifted' })).items).toMatchObject([
      { actor: { kind: 'apiKey' }, target: { type: 'mailSuppression', id: items[0].id } },
    ]);
    expect(await arrives(alice)).toBe(true);

    await report(email, 'hard');
    app.time.now = new Date(Date.now() + 31 * 86_400_000);
    expect(await listed()).toEqual([]);
    expect(await arrives(alice)).toBe(true);
    const run = () => forgetBounces.run(app.container.portsOf(forgetBounces.deps), { aborted: false });
    expect((await run())['forgotten']).toBeGreaterThanOrEqual(1);
    expect(await run()).toEqual({ forgotten: 0 });
  });

  it('is held back by the mail server’s refusal of the recipient, and by nothing that strangers can bring about', async () => {
    const cases = [
      ['no mailbox', { rcpt: 550 }, false],
      ['no mailbox, said in full', { rcpt: 550, says: '5.1.1 no such user' }, false],
      ['a policy about us', { rcpt: 550, says: '5.7.1 blocked' }, true],
      ['a full mailbox, once', { rcpt: 552, says: '5.2.2 over quota' }, true],
      ['our content', { data: 554, says: '5.7.1 looks like spam' }, true],
    ] as const;
    for (const [why, moods, isSentAgain] of cases) {
      const alice = await app.person('alice', account);
      Object.assign(sink.moods, moods);
      expect([why, await arrives(alice)]).toEqual([why, false]);
      Object.assign(sink.moods, { rcpt: undefined, data: undefined, says: undefined });
      expect([why, await arrives(alice)]).toEqual([why, isSentAgain]);
    }
    expect(await listed()).toHaveLength(2);
  });
});

describe('a report', () => {
  it('needs its scope, says nothing of who is here, and is checked', async () => {
    const bob = await app.person('bob', account);
    expect(await refused(bob.call('admin.reportBounce', { address: 'a@example.com', kind: 'hard' }))).toBe('FORBIDDEN');
    const reader = app.byKey(['mail:read'], account);
    expect(await refused(reader.call('admin.reportBounce', { address: 'a@example.com', kind: 'hard' }))).toBe('FORBIDDEN');
    expect(await refused(app.visitor(account).call('admin.reportBounce', { address: 'a@example.com', kind: 'hard' }))).toBe(
      'UNAUTHENTICATED',
    );
    for (const address of [await emailOf(bob), 'nobody@example.com']) expect(await report(address, 'hard')).toBeUndefined();
    for (const bad of [
      { address: 'a@b\r\nBcc: c@d.example' },
      { address: '' },
      { kind: 'bounce' },
      { messageId: 'a\nb' },
      { reportedAt: 'yesterday' },
    ])
      expect(await refused(report('a@example.com', 'soft', bad))).toBe('VALIDATION_FAILED');
  });

  it('of long ago holds nothing back, and one of tomorrow no longer than one of now', async () => {
    const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    await report('old@example.com', 'hard', { reportedAt: ago(40) });
    await report('new@example.com', 'hard', { reportedAt: ago(-400) });
    expect(await listed()).toEqual(['hard new@example.com']);
    app.time.now = new Date(Date.now() + 31 * 86_400_000);
    expect(await listed()).toEqual([]);
  });

  it('is listed with others in pages, the newest first', async () => {
    for (const [at, name] of ['a', 'b', 'c'].entries())
      await report(`${name}@example.com`, 'hard', { reportedAt: new Date(Date.now() - 60_000 + at).toISOString() });
    const first = await owner.call('admin.listMailSuppressions', { limit: 2 });
    const rest = await owner.call('admin.listMailSuppressions', { limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...rest.items].map(({ address }: { address: string }) => address[0])).toEqual(['c', 'b', 'a']);
    expect(rest.nextCursor).toBeNull();
  });
});
