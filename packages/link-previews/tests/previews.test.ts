import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { answer, openReceiver, type Receiver } from '../../../tests/support/webhook-receiver.ts';
import { openGroup, refusal, send } from '../../../tests/use-cases/calls.ts';
import { forgetPages } from '../src/application/upkeep.ts';
import { linkPreviewLimits } from '../src/domain/limits.ts';
import { openPreviewApp, pageOf, switchPreviews } from './previews.ts';

let app: TestApp;
let site: Receiver;
let owner: Caller;
let bob: Caller;
let group: Payload;
beforeAll(async () => {
  [app, site] = [await openPreviewApp(), await openReceiver()];
  [owner, bob] = [await app.person('alice', undefined, 'owner'), await app.person('bob')];
  group = await openGroup(owner, [bob]);
});
beforeEach(async () => {
  await switchPreviews(owner, true);
  serve(pageOf('<title>Page</title><meta property="og:title" content="The &amp; page"><meta name="description" content="About it.">'));
});
afterEach(() => {
  app.time.now = undefined;
  site.requests.length = 0;
});
afterAll(async () => {
  await app.close();
  await site.close();
});

const serve = (page: string | Buffer, headers: Record<string, string> = { 'content-type': 'text/html; charset=utf-8' }) =>
  site.behave((response) => response.writeHead(200, headers).end(page));

let pages = 0;
const link = (): string => {
  pages += 1;
  return site.url.replace('hook', `page-${pages}`);
};

const shown = async (message: Payload): Promise<Payload> => bob.call('messages.get', { messageId: message.id });

/** What everybody sees of a text, once its links were looked at. */
async function posted(content: string, by = owner): Promise<Payload> {
  const message = await send(by, group, content);
  await app.settled();
  return shown(message);
}
const previewsOf = async (content: string): Promise<Payload[]> => (await posted(content)).linkPreviews;

describe('link previews', () => {
  it('are off until an administrator wants them', async () => {
    await switchPreviews(owner, false);
    expect(await posted(`look: ${link()}`)).not.toHaveProperty('linkPreviews');
    expect(site.requests).toEqual([]);
    expect(await owner.call('admin.getLinkPreviews')).toEqual({ enabled: false });
    const before = (await owner.call('admin.listAuditLogs', { limit: 1 })).items;
    expect(before).toMatchObject([{ action: 'link_previews_changed', details: { previews: 'off' } }]);
    await switchPreviews(owner, false);
    expect((await owner.call('admin.listAuditLogs', { limit: 1 })).items).toEqual(before);
    expect(await refusal(switchPreviews(bob, true))).toBe('FORBIDDEN');
  });

  it('show what pages say, in one change of the message, and ask each page once', async () => {
    const [first, second] = [link(), link()];
    app.told.length = 0;
    const message = await posted(`${first}, ${second} and ${first}#again`);
    const preview = { title: 'The & page', description: 'About it.' };
    expect(message.linkPreviews).toEqual([
      { url: first, ...preview },
      { url: second, ...preview },
    ]);
    expect(app.told.filter(({ event }) => event === 'message:updated').map(({ payload }) => payload['message'])).toMatchObject([
      { id: message.id, version: message.version, linkPreviews: message.linkPreviews },
    ]);
    expect(await previewsOf(`again: ${second}`)).toEqual([{ url: second, ...preview }]);
    expect(site.requests.map(({ path }) => path).toSorted()).toEqual([first, second].map((url) => new URL(url).pathname).toSorted());
    for (const { headers } of site.requests) expect(headers).not.toHaveProperty('cookie');
  });

  it('follow edits, and the message stays its author’s to edit', async () => {
    const [first, second] = [link(), link()];
    const { id } = await posted(first);
    const edit = async (content: string) => {
      await owner.call('messages.edit', { messageId: id, content });
      await app.settled();
      return (await shown({ id })).linkPreviews;
    };
    expect(await edit(`better: ${second}`)).toMatchObject([{ url: second }]);
    expect(await edit(`<${second}>`)).toBeUndefined();
    expect(await edit(`${first} after all`)).toMatchObject([{ url: first }]);
  });

  it('are read anew after a day, and pages that gave none after an hour', async () => {
    const [good, bad] = [link(), link()];
    await posted(good);
    site.behave(answer(500));
    expect(await previewsOf(bad)).toBeUndefined();
    serve(pageOf('<title>News</title>'));
    expect(await previewsOf(`${good} ${bad}`)).toMatchObject([{ title: 'The & page' }]);
    app.time.now = new Date(Date.now() + 3_601_000);
    expect(await previewsOf(`${good} ${bad}`)).toMatchObject([{ title: 'The & page' }, { title: 'News' }]);
    app.time.now = new Date(Date.now() + 86_401_000);
    expect(await previewsOf(good)).toMatchObject([{ title: 'News' }]);
    app.time.now = new Date(Date.now() + 3 * 86_400_000);
    const report = await forgetPages.run(app.container.portsOf(forgetPages.deps), { aborted: false });
    expect(report).toMatchObject({ trimmed: expect.any(Number) });
    expect(await app.sql('select url from link_preview_page')).toEqual([]);
  });

  it('are not made of what was deleted meanwhile', async () => {
    const message = await send(owner, group, link());
    await owner.call('messages.delete', { messageId: message.id, for: 'everyone' });
    await app.settled();
    expect(await shown(message)).not.toHaveProperty('linkPreviews');
    expect(site.requests).toEqual([]);
  });
});

describe('pages of strangers', () => {
  it.each([
    ['no page', () => serve('{"title":"no"}', { 'content-type': 'application/json' })],
    ['no title', () => serve(pageOf('<meta name="description" content="nothing">'))],
    ['a title in the body', () => serve('<html><head></head><body><title>no</title>')],
    ['an answer without an end', () => serve(Buffer.alloc(linkPreviewLimits.pageBytes + 1, ' '))],
    ['a refusal', () => site.behave(answer(403))],
    ['a redirect to an internal address', () => site.behave(answer(302, { location: 'https://10.0.0.1/' }))],
    ['a redirect to itself', () => site.behave(answer(302, { location: '/again' }))],
    ['a broken connection', () => site.behave((response) => response.destroy())],
  ])('%s leaves the message as it is', async (_, behave) => {
    behave();
    const message = await posted(link());
    expect(message).not.toHaveProperty('linkPreviews');
    expect(message).toHaveProperty('content');
  });

  it.each([
    'https://10.0.0.1/',
    'https://[::1]/',
    'https://169.254.169.254/latest/meta-data',
    'http://192.0.2.1/',
    'https://nobody.invalid/',
  ])('%s is not called, or not found', async (url) => {
    expect(await previewsOf(url)).toBeUndefined();
  });

  it('may be broken, in other charsets, and say more than is shown', async () => {
    serve(
      Buffer.from(pageOf(`<title>Caf\u00e9 <b>&lt;script&gt;</title><meta content="${'a'.repeat(9_000)}" name=DESCRIPTION>`), 'latin1'),
      {
        'content-type': 'text/html; charset=iso-8859-1',
      },
    );
    const [preview] = await previewsOf(link());
    expect(preview).toMatchObject({ title: 'Café <b><script>' });
    expect(preview.description).toHaveLength(linkPreviewLimits.description);
    expect(preview).not.toHaveProperty('imageUrl');
  });
});

it('shows an account nothing that another one’s people linked to', async () => {
  const url = link();
  await posted(url);
  const other = await app.account();
  const stranger = await app.person('carol', other, 'owner');
  const message = await send(stranger, await openGroup(stranger, []), url);
  await app.settled();
  expect(await stranger.call('messages.get', { messageId: message.id })).not.toHaveProperty('linkPreviews');
  expect(await stranger.call('admin.getLinkPreviews')).toEqual({ enabled: false });
});
