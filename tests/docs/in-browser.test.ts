import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, openPage, type Page } from '../support/chromium.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { signUp } from '../support/people.ts';
import { type GuidePage, inChromium, inSoftware, type PageBlock, pageBlocksOf } from './guide-page.ts';
import { guides } from './guide-run.ts';

/** What a person sees of signing in, in one browser. */

const chromium = findChromium();
// Not every machine has one, and none is downloaded.
if (chromium === undefined)
  console.log('NOT RUN in a browser, but on a page in software: the guide "sign people in" (Debian: apt-get install chromium)');

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
