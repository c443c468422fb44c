import { builtInLocales, builtInTemplate } from '@coucou/application/mail/built-in-templates';
import { mailDue, type MailOrder } from '@coucou/application/mail/mail-events';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { MailTemplates } from '@coucou/application/mail/repositories';
import { withRepositories } from '@coucou/application/ports/unit-of-work';
import { Metrics } from '@coucou/application/ports/metrics';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { mailKinds, MailTemplate } from '@coucou/domain/mail/mail-template';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeSettings } from '../../support/accounts.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { mailsTo } from '../auth/mailed.ts';

/** What mails say: by kind, by the recipient's language, and by the account. */

let app: TestApp;
let account: AccountId;
let owner: Caller;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
  owner = await app.person('owner', account, 'owner');
});

const own = {
  subject: 'Welcome back to {{site}}, {{name}}',
  text: 'Hello {{name}} ({{address}}):\n{{link}}\n',
  html: '<p>Hello {{name}}: <a href="{{link}}">in</a></p>',
};
const refused = (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: { code: string }) => error.code,
  );
const put = (by: Caller, kind: string, locale: string, template: object = own) =>
  by.call('admin.putMailTemplate', { kind, locale, ...template });

/** Sends one mail to somebody of the account, and answers it. */
async function mailTo(who: Caller, kind: MailOrder['kind']) {
  const email = await app.uow.read(who.account, async (tx) => (await tx.users.lookup(who.id))?.email ?? '');
  const order = { kind, email, userId: who.id, version: 0 } as MailOrder;
  await app.uow.write(who.account, async (tx) => tx.emit(mailDue({ order, at: new Date() })));
  const [newest] = await mailsTo(app, email);
  if (newest === undefined) throw new Error(`there is no mail to ${email}`);
  return { ...newest, email };
}

/** Somebody with a proven address. */
async function proven(name: string, displayName = name): Promise<Caller> {
  const who = await app.person(name, account);
  await app.uow.write(account, (tx) => tx.credentials.proveEmail(who.id));
  await who.call('users.updateMe', { displayName });
  return who;
}

describe('the server’s own templates', () => {
  it.each(mailKinds.flatMap((kind) => builtInLocales.map((locale) => [kind, locale] as const)))(
    'say what %s is about, in %s',
    (kind, locale) => {
      const template = builtInTemplate(kind, locale);
      if (template === undefined) throw new Error('there is none');
      MailTemplate.check(kind, template);
      const values = { site: 'chat.example.com', name: 'Alice', address: 'alice@example.com', link: 'https://chat.example.com/x#token=y' };
      const ofDigest = { unread: '12', conversations: '3', unsubscribe: 'https://chat.example.com/off?token=y' };
      const { subject, text, html } = MailTemplate.render(template, { ...values, ...(kind === 'digest' && ofDigest) });
      expect(`${subject}${text}${html}`).not.toMatch(/\{\{|\}\}|undefined/);
      expect([subject, text]).toEqual([expect.stringContaining('chat.example.com'), expect.stringContaining('chat.example.com')]);
      expect(html).toContain(`<html lang="${locale}">`);
      expect(html).toContain('<meta name="color-scheme" content="light dark">');
      // Nothing is loaded from elsewhere, and a dark page keeps its own colors.
      expect(html).not.toMatch(/<img|src=|url\(|@import/i);
      expect(/<body style="([^"]*)"/.exec(html)?.[1]).not.toMatch(/color|background/);
      for (const body of [text, html]) expect(body.includes(values.link)).toBe(kind !== 'passwordChanged');
      // No language is a copy of another one.
      const others = builtInLocales.filter((other) => other !== locale).map((other) => builtInTemplate(kind, other)?.text);
      expect(others).not.toContain(template.text);
    },
  );

  it('are listed with what the account says, and shown with their placeholders', async () => {
    await put(owner, 'magicLink', 'pt-br');
    const { items } = await owner.call('admin.listMailTemplates');
    expect(items.filter(({ kind }: { kind: string }) => kind === 'magicLink')).toEqual([
      { kind: 'magicLink', locale: 'de', builtIn: true, overridden: false },
      { kind: 'magicLink', locale: 'en', builtIn: true, overridden: false },
      { kind: 'magicLink', locale: 'fr', builtIn: true, overridden: false },
      { kind: 'magicLink', locale: 'pt-BR', builtIn: false, overridden: true, updatedAt: expect.any(String) },
    ]);
    expect(items).toHaveLength(mailKinds.length * 3 + 1);
    expect(await owner.call('admin.getMailTemplate', { kind: 'passwordChanged', locale: 'fr' })).toMatchObject({
      subject: expect.stringContaining('mot de passe'),
      placeholders: { subject: ['site', 'name', 'address'], text: ['site', 'name', 'address'], html: ['site', 'name', 'address'] },
    });
    expect(await refused(owner.call('admin.getMailTemplate', { kind: 'magicLink', locale: 'ja' }))).toBe('MAIL_TEMPLATE_NOT_FOUND');
  });
});

describe('the language of a mail', () => {
  it('is the one that the person chose, else that of the account, else English', async () => {
    const [alice, bob] = [await proven('alice'), await proven('bob')];
    await alice.call('preferences.put', { locale: 'fr-CA' });
    expect((await mailTo(alice, 'resetPassword')).subject).toContain('Choisissez');
    expect((await mailTo(bob, 'resetPassword')).subject).toContain('Choose');
    await changeSettings(app.container, account, { locale: 'de' });
    expect((await mailTo(bob, 'magicLink')).subject).toContain('Anmeldung');
    expect((await mailTo(alice, 'passwordChanged')).subject).toContain('mot de passe');
    await alice.call('preferences.put', { locale: 'ja' });
    expect((await mailTo(alice, 'magicLink')).subject).toContain('Anmeldung');
  });

  it('takes what is nearest, the account’s own before the server’s', async () => {
    const alice = await proven('alice');
    await alice.call('preferences.put', { locale: 'fr-CA' });
    await put(owner, 'magicLink', 'en', { ...own, subject: 'ours' });
    expect((await mailTo(alice, 'magicLink')).subject).toContain('Connexion');
    await put(owner, 'magicLink', 'fr', { ...own, subject: 'la nôtre' });
    expect((await mailTo(alice, 'magicLink')).subject).toBe('la nôtre');
    await put(owner, 'magicLink', 'fr-CA', { ...own, subject: 'celle du Québec' });
    expect((await mailTo(alice, 'magicLink')).subject).toBe('celle du Québec');
    await owner.call('admin.deleteMailTemplate', { kind: 'magicLink', locale: 'fr-CA' });
    await owner.call('admin.deleteMailTemplate', { kind: 'magicLink', locale: 'fr' });
    expect((await mailTo(alice, 'magicLink')).subject).toContain('Connexion');
  });
});

describe('what an account says', () => {
  it('is sent to its own people, with their name once their mailbox is proven', async () => {
    await put(owner, 'magicLink', 'en');
    const alice = await proven('alice', 'Alice <b>&\u202E');
    const mail = await mailTo(alice, 'magicLink');
    expect(mail.subject).toBe('Welcome back to 127.0.0.1:3000, Alice <b>&');
    expect(mail.text).toBe(`Hello Alice <b>& (${mail.email}):\n${mail.link}\n`);
    expect(mail.html).toBe(`<p>Hello Alice &lt;b&gt;&amp;: <a href="${mail.link}">in</a></p>`);
    // A stranger's words go to nobody who has not confirmed the address.
    const unproven = await mailTo(await app.person('mallory', account), 'magicLink');
    expect(unproven.subject).toBe(`Welcome back to 127.0.0.1:3000, ${unproven.email}`);
    const elsewhere = await mailTo(await app.person('bob', await app.account()), 'magicLink');
    expect(elsewhere.subject).toBe('Sign in to 127.0.0.1:3000');
  });

  it('is decided by its owners alone, after a recent sign-in, and written down', async () => {
    const admin = await app.person('admin', account, 'admin');
    const member = await app.person('member', account);
    const mine = { kind: 'resetPassword', locale: 'en', ...own };
    expect(await refused(admin.call('admin.putMailTemplate', mine))).toBe('FORBIDDEN');
    expect(await refused(member.call('admin.listMailTemplates'))).toBe('FORBIDDEN');
    expect(await refused(app.byKey(['mail:read'], account).call('admin.putMailTemplate', mine))).toBe('FORBIDDEN');
    expect((await app.byKey(['mail:read'], account).call('admin.listMailTemplates')).items.length).toBeGreaterThan(10);
    app.time.now = new Date(Date.now() + 3_600_000);
    expect(await refused(owner.call('admin.putMailTemplate', mine))).toBe('REAUTHENTICATION_REQUIRED');
    app.time.now = undefined;
    await owner.call('admin.putMailTemplate', mine);
    expect((await owner.call('admin.listAuditLogs', { action: 'mail_template_changed' })).items).toMatchObject([
      { actor: { kind: 'user', id: owner.id }, details: { kind: 'resetPassword', locale: 'en' } },
    ]);
    expect(await refused(owner.call('admin.deleteMailTemplate', { kind: 'resetPassword', locale: 'de' }))).toBe('MAIL_TEMPLATE_NOT_FOUND');
  });

  it('has limits, and is refused with what is wrong', async () => {
    const fault = await put(owner, 'magicLink', 'en', { ...own, text: 'Hi {{frist}}' }).catch((error: unknown) => error);
    expect(fault).toMatchObject({
      code: 'MAIL_TEMPLATE_INVALID',
      details: {
        faults: [
          { field: 'text', at: 3 },
          { field: 'text', at: 12 },
        ],
      },
    });
    const bad = [
      { ...own, subject: 'a\r\nBcc: b@example.com' },
      { ...own, html: 'x'.repeat(40_001) },
      { ...own, subject: ' ' },
    ];
    for (const template of bad) expect(await refused(put(owner, 'magicLink', 'en', template))).toBe('VALIDATION_FAILED');
    for (const locale of ['x', 'en_US', 'en-a', '../..']) expect(await refused(put(owner, 'magicLink', locale))).toBe('VALIDATION_FAILED');
  });

  it('can be looked at before it is sent', async () => {
    const named = { kind: 'magicLink', locale: 'fr' };
    expect((await owner.call('admin.previewMailTemplate', named)).subject).toContain('Connexion');
    expect(await owner.call('admin.previewMailTemplate', { ...named, ...own })).toEqual({
      subject: 'Welcome back to 127.0.0.1:3000, Alice Martin',
      text: 'Hello Alice Martin (alice@example.com):\nhttp://127.0.0.1:3000/links/magic-link#token=sample\n',
      html: '<p>Hello Alice Martin: <a href="http://127.0.0.1:3000/links/magic-link#token=sample">in</a></p>',
    });
    expect(await refused(owner.call('admin.previewMailTemplate', { ...named, html: '<p>' }))).toBe('MAIL_TEMPLATE_INVALID');
  });

  it('is sent to its owner who wants to see it, as others get it', async () => {
    const of = (by: Pick<Caller, 'call'>, kind = 'magicLink', locale = 'fr-CA') => by.call('admin.testMailTemplate', { kind, locale });
    expect(await refused(of(owner))).toBe('EMAIL_NOT_VERIFIED');
    await app.uow.write(account, (tx) => tx.credentials.proveEmail(owner.id));
    await owner.call('users.updateMe', { displayName: 'Olga' });
    await put(owner, 'magicLink', 'fr');
    await of(owner);
    const { email } = (await owner.call('auth.me')).user;
    const [mail] = await mailsTo(app, email);
    const link = 'http://127.0.0.1:3000/links/magic-link#token=sample';
    expect(mail).toMatchObject({ subject: 'Welcome back to 127.0.0.1:3000, Olga', text: `Hello Olga (${email}):\n${link}\n`, link });
    await of(owner, 'passwordChanged', 'de');
    const [notice] = await mailsTo(app, email);
    expect(notice).toMatchObject({ subject: expect.stringContaining('Passwort') });
    expect(notice?.link).toBeUndefined();

    expect(await refused(of(await app.person('admin', account, 'admin')))).toBe('FORBIDDEN');
    expect(await refused(of(app.byKey(['mail:read'], account)))).toBe('FORBIDDEN');
  });

  it('is passed over once a version refuses it: the mail says what the server says, and administrators see why', async () => {
    const stored = { ...own, html: `${own.html}<script>1</script>`, accountId: account, updatedAt: new Date(), updatedBy: undefined };
    const uow = withRepositories(app.storage.transactions, { templates: MailTemplates });
    for (const locale of ['fr-CA', 'fr', 'ja'])
      await uow.write(account, (tx) => tx.templates.put({ ...stored, kind: 'magicLink', locale }));
    const alice = await proven('alice');
    await alice.call('preferences.put', { locale: 'fr-CA' });
    const passedOver = () => app.container.resolve(Metrics).counter(catalogue.mailTemplatesPassedOver, {}).value;
    const before = passedOver();
    expect((await mailTo(alice, 'magicLink')).subject).toContain('Connexion');
    await alice.call('preferences.put', { locale: 'ja' });
    expect((await mailTo(alice, 'magicLink')).subject).toContain('Sign in');
    expect(passedOver() - before).toBe(2);
    expect((await owner.call('admin.previewMailTemplate', { kind: 'magicLink', locale: 'fr' })).subject).toContain('Connexion');

    const { items } = await owner.call('admin.listMailTemplates');
    const named = items.filter(({ refused: is }: { refused?: boolean }) => is).map(({ locale }: { locale: string }) => locale);
    expect(named).toEqual(['fr', 'fr-CA', 'ja']);
    expect(await owner.call('admin.getMailTemplate', { kind: 'magicLink', locale: 'ja' })).toMatchObject({
      html: stored.html,
      refused: true,
      faults: [{ field: 'html', at: own.html.length, problem: '<script> has no place in a mail' }, {}],
    });
    // Words that are allowed end it.
    await put(owner, 'magicLink', 'fr-CA');
    await alice.call('preferences.put', { locale: 'fr-CA' });
    expect((await mailTo(alice, 'magicLink')).subject).toContain('Welcome back');
  });
});
