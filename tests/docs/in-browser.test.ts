import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { findChromium, openPage, type Page } from '../support/chromium.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus, type Person, signUp } from '../support/people.ts';
import { until } from '../support/until.ts';
import { type GuidePage, inChromium, inSoftware, type PageBlock, pageBlocksOf } from './guide-page.ts';
import { guides } from './guide-run.ts';

/** What a person sees of signing in, in one browser. */

const chromium = findChromium();
// Not every machine has one, and none is downloaded.
if (chromium === undefined)
  console.log(
    'NOT RUN: the pages of links in mails and the mailbox in a browser; the guide "sign people in" runs on a page in software (Debian: apt-get install chromium)',
  );

let issuer: Issuer;
let app: ListeningApp;
let page: Page | undefined;
beforeAll(async () => {
  issuer = await startIssuer();
  app = await startTestApp({ env: { ...issuer.environment('ONE'), OUTBOUND_ALLOW: '127.0.0.1' } });
  page = chromium === undefined ? undefined : await openPage(chromium);
});
afterAll(async () => {
  await page?.close();
  await app?.close();
  await issuer?.close();
});

describe('the guide "sign people in", on a page', () => {
  let guide: string;
  let at: GuidePage;
  beforeAll(async () => {
    guide = await readFile(path.join(guides, 'sign-people-in.md'), 'utf8');
    at = page === undefined ? inSoftware() : await inChromium(page);
  });

  async function expectPrinted(block: PageBlock | undefined, me?: unknown): Promise<void> {
    if (block === undefined) throw new Error('the guide has no such block');
    const printed = await at.run(block, me);
    expect({ line: block.line, printed }).toEqual({ line: block.line, printed: block.expected.map((values) => runInNewContext(values)) });
  }

  it('signs in at a provider', async () => {
    issuer.person.now = { sub: 'dora', email: 'dora@example.com', email_verified: true };
    const blocks = pageBlocksOf(guide, '8. A provider', app.url);
    expect(blocks.map(({ expected }) => expected.length)).toEqual([0, 1]);
    await at.open(app.url);
    await expectPrinted(blocks[0]);
    await at.isAt(({ searchParams }) => searchParams.has('code'));
    await expectPrinted(blocks[1]);
  });

  it('makes a passkey, and signs in by it', async () => {
    // Passkeys are for names of hosts.
    const url = app.url.replace('127.0.0.1', 'localhost');
    const [block, ...more] = pageBlocksOf(guide, '10. A passkey', url);
    expect([block?.expected.length, more]).toEqual([2, []]);
    const { user, accessToken } = await signUp(app.url);
    await at.open(url);
    await expectPrinted(block, { user, accessToken });
  });
});

describe.skipIf(chromium === undefined)('the link of a mail, out of the development mailbox', () => {
  let alice: Person;
  let tab: Page;
  beforeAll(async () => {
    tab = page as Page;
    await tab.send('Page.setBypassCSP', { enabled: false });
  });
  beforeEach(async () => {
    alice = await signUp(app.url);
    tab.problems.length = 0;
  });

  const post = async (to: string, body: object) => expectStatus(await alice.http.call('POST', `/api/v1/auth/${to}`, body), 200, 204);

  /** Opens the newest mail with this subject, as somebody does who waits at the mailbox; ends on the page of its link. */
  async function openMail(subject: RegExp): Promise<void> {
    const link = `[...document.querySelectorAll('article')].find((mail) => ${subject}.test(mail.querySelector('h2').textContent)
      && mail.textContent.includes('${alice.email}'))?.querySelector('a.open')`;
    await tab.open(`${app.url}/dev/mailbox`);
    await app.settled();
    // The page looks for new mail by itself.
    await until(() => tab.evaluate<boolean>(`${link} !== undefined`).catch(() => false), { what: `a mail ${String(subject)}` });
    await tab.evaluate(`${link}.click()`);
    const isThere = () => tab.evaluate<boolean>('location.pathname.startsWith("/links/") && document.readyState === "complete"');
    await until(() => isThere().catch(() => false), { what: 'the page of the link' });
    // The token is not left in the address bar, from where it would be copied and kept.
    expect(await tab.evaluate('location.hash')).toBe('');
  }

  const shownForms = () => tab.evaluate<number>('[...document.forms].filter((form) => getComputedStyle(form).display !== "none").length');

  /** Fills the form in, presses its button, and reads what the page says then. */
  async function submit(fields: Record<string, string> = {}): Promise<string> {
    await tab.evaluate(`{
      document.querySelector('#outcome').textContent = '';
      for (const [name, value] of Object.entries(${JSON.stringify(fields)})) document.querySelector('[name=' + name + ']').value = value;
      document.querySelector('form button').click();
    }`);
    const said = () => tab.evaluate<string>('document.querySelector("#outcome").textContent');
    return until(said, { what: 'the page to say how it went' });
  }

  it('confirms an address', async () => {
    await openMail(/^Confirm/);
    expect(await submit({ identifier: alice.username, password: 'not the right one' })).toBe('The identifier or the password is wrong.');
    // What the server refuses is no fault of the page.
    expect(tab.problems.splice(0)).toEqual([expect.stringContaining('401')]);
    expect(await submit({ identifier: alice.username, password: alice.password })).toBe(`${alice.email} is confirmed.`);
    expect(expectStatus(await alice.http.call('GET', '/api/v1/auth/me'), 200).user.emailVerified).toBe(true);
    expect(tab.problems).toEqual([]);
  });

  it('changes a forgotten password', async () => {
    await post('password/forgot', { email: alice.email });
    await openMail(/^Choose/);
    expect(await tab.evaluate('document.querySelector("form").reportValidity()')).toBe(false);
    expect(await submit({ password: 'a battery that is new' })).toBe('Your password is changed. Sign in with it.');
    const credentials = { identifier: alice.username, password: 'a battery that is new' };
    expectStatus(await httpClient(app.url).call('POST', '/api/v1/auth/login', credentials), 200);
    expect(tab.problems).toEqual([]);
  });

  it('signs in', async () => {
    await post('magic-links', { email: alice.email });
    await openMail(/^Sign in/);
    expect(await shownForms()).toBe(1);
    expect(await submit()).toMatch(new RegExp(`^You are ${alice.username}\\. .* Your access token: ey`));
    expect(await shownForms()).toBe(0);
    expect(tab.problems).toEqual([]);
  });

  it('takes a change of address back', async () => {
    await openMail(/^Confirm/);
    await submit({ identifier: alice.username, password: alice.password });
    const before = alice.email;
    alice.email = `new-${before}`;
    await post('email/change', { email: alice.email, password: alice.password });
    await openMail(/^Confirm/);
    expect(await submit({ identifier: alice.username, password: alice.password })).toBe(`${alice.email} is confirmed.`);
    alice.email = before;
    await openMail(/changed/);
    expect(await submit()).toMatch(/^Your account has this address again/);
    expect(tab.problems).toEqual([]);
  });

  it('says so when it is opened without its token', async () => {
    await tab.open(`${app.url}/links/magic-link`);
    expect(await tab.evaluate('document.querySelector("#outcome").textContent')).toMatch(/^This page is opened by the link of a mail/);
    expect(await shownForms()).toBe(0);
    expect(tab.problems).toEqual([]);
  });
});
