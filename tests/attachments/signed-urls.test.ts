import { randomUUID as uuid } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { FileUrls } from '@coucou/application/ports/file-urls';
import { suspendUser } from '@coucou/application/accounts/administer-users';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { asId } from '@coucou/domain/kernel/ids';
import { expectStatus, openGroup, type Person, signUp } from '../support/people.ts';
import type { Payload } from '../support/event-log.ts';
import { announce, complete, photo, sendTo, startWithFiles, type AppWithFiles, upload, signUpElsewhere } from './files.ts';

let app: AppWithFiles;
let alice: Person;
let bob: Person;
let stranger: Person;
let foreigner: Person;

beforeAll(async () => {
  app = await startWithFiles();
  [alice, bob, stranger] = (await Promise.all(['alice', 'bob', 'dan'].map((name) => signUp(app.url, name)))) as [Person, Person, Person];
  foreigner = await signUpElsewhere(app, 'eve');
});
afterAll(() => app.close());

/** As an `<img>` loads it: without any header that names a person. */
const load = (url: string, init: RequestInit = {}) => fetch(new URL(url, app.url), init);
const status = async (url: string, init?: RequestInit): Promise<number> => {
  const answer = await load(url, init);
  await answer.arrayBuffer();
  return answer.status;
};
const account = async () => (await app.container.resolve(AccountDirectory).byClientKey('default')) ?? asId<'account'>('');
const get = async (person: Person, path: string) => expectStatus(await person.http.call('GET', `/api/v1${path}`), 200);
const post = async (person: Person, path: string, body: unknown) =>
  expectStatus(await person.http.call('POST', `/api/v1${path}`, body), 200, 201);
const urlsOf = async (person: Person, ids: readonly string[]): Promise<Payload[]> =>
  (await post(person, '/attachments/urls', { attachmentIds: ids })).items;

/** A message of alice's with a photo, and the group it is in. */
async function shared() {
  const group = await openGroup(alice, [bob]);
  const { id } = expectStatus(await upload(alice, await photo(), 'me.jpg'), 201);
  const message = await post(alice, `/conversations/${group.id}/messages`, { content: 'look here', attachmentIds: [id] });
  return { group, id: String(id), message };
}

const signed = {
  url: expect.stringMatching(/^\/api\/v1\/files\/[\w-]+$/),
  thumbnailUrl: expect.stringMatching(/^\/api\/v1\/files\/[\w-]+$/),
  urlExpiresAt: expect.any(String),
};

describe('an answer that shows a file', () => {
  it('has URLs of it that a browser loads without a header', async () => {
    const { message } = await shared();
    const [{ url, thumbnailUrl, urlExpiresAt }] = (await get(bob, `/messages/${message.id}`)).attachments;
    const [file, thumbnail] = await Promise.all([load(url), load(thumbnailUrl)]);
    expect([file.status, file.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect([thumbnail.status, thumbnail.headers.get('content-type')]).toEqual([200, 'image/webp']);
    const minutes = (Date.parse(urlExpiresAt) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(9);
    expect(minutes).toBeLessThanOrEqual(15);
  });

  it('has them wherever that is', async () => {
    const { group, id, message } = await shared();
    expectStatus(await alice.http.call('PUT', `/api/v1/messages/${message.id}/pin`), 204);
    const at = `/conversations/${group.id}`;
    const to = await openGroup(bob);
    await app.settled();
    const answers: Record<string, unknown> = {
      'messages.send': message.attachments[0],
      'messages.list': (await get(bob, `${at}/messages`)).items[0].attachments[0],
      'messages.edit': expectStatus(await alice.http.call('PATCH', `/api/v1/messages/${message.id}`, { content: 'look here now' }), 200)
        .attachments[0],
      'pins.list': (await get(bob, `${at}/pins`)).items[0].attachments[0],
      'messages.search': (await get(bob, `/messages/search?q=look&conversationId=${group.id}`)).items[0].attachments[0],
      'forwards.create': (await post(bob, `/messages/${message.id}/forward`, { conversationIds: [to.id] })).items[0].attachments[0],
      'conversations.list': (await get(bob, '/conversations')).items.find((each: Payload) => each.id === group.id).lastMessage
        .attachments[0],
      'conversations.get': (await get(bob, at)).lastMessage.attachments[0],
    };
    await post(bob, `${at}/messages`, { content: 'nice', threadRootId: message.id });
    answers['threads.get'] = (await get(bob, `/messages/${message.id}/thread`)).root.attachments[0];
    answers['threads.list'] = (await get(bob, `${at}/threads`)).items[0].root.attachments[0];
    for (const [operation, attachment] of Object.entries(answers))
      expect([operation, attachment]).toEqual([operation, expect.objectContaining({ id, ...signed })]);
  });

  it('has them as soon as a file is ready, and not before', async () => {
    const bytes = await photo();
    expect(expectStatus(await upload(alice, bytes), 201)).toMatchObject(signed);
    const announced = expectStatus(await announce(alice, bytes.length), 201);
    expect(announced).not.toHaveProperty('url');
    await sendTo(app.url, announced.upload, bytes);
    const ready = expectStatus(await complete(alice, announced.id), 200);
    expect(ready).toMatchObject(signed);
    expect(await status(ready.url)).toBe(200);
  });

  it('has the same ones for the same session again, and others for others', async () => {
    const { message } = await shared();
    const read = async (person: Person) => (await get(person, `/messages/${message.id}`)).attachments[0].url;
    const [first, second, third] = [await read(bob), await read(bob), await read(bob)];
    // A slot of five minutes may end between two of them.
    expect(first === second || second === third).toBe(true);
    expect([first, second, third]).not.toContain(await read(alice));
  });
});

describe('what many see, or store', () => {
  it.each(['socket.io', 'websocket'] as const)('has no URL: events on %s, and pages of sync', async (transport) => {
    const socket = bob.socket(transport);
    await socket.connect();
    const { group, id, message } = await shared();
    expectStatus(await alice.http.call('PATCH', `/api/v1/messages/${message.id}`, { content: 'look again' }), 200);
    await app.settled();
    const updated = await socket.events.next('message:updated', (payload: Payload) => payload.message?.id === message.id);
    expect(updated.message.attachments).toEqual([expect.objectContaining({ id, hasThumbnail: true })]);
    const acked = await socket.call('sync', { conversations: { [group.id]: { version: 0, receiptsVersion: 0 } } });
    expect(JSON.stringify(acked)).toContain(id);
    for (const seen of [acked, updated, ...socket.events.all]) expect(JSON.stringify(seen)).not.toMatch(/urlExpiresAt|\/files\//);
    const live = await socket.call('attachments.urls', { attachmentIds: [id] });
    expect(live).toMatchObject({ ok: true, data: { items: [{ attachmentId: id, ...signed }] } });
    await socket.close();
  });
});

describe('attachments.urls', () => {
  it('answers what the caller may open, in the order asked for, and leaves out the rest', async () => {
    const { id } = await shared();
    const text = expectStatus(await upload(bob, 'a text', 'a.txt'), 201).id;
    const private_ = expectStatus(await upload(alice, 'a text', 'a.txt'), 201).id;
    const items = await urlsOf(bob, [text, private_, id, uuid()]);
    expect(items).toEqual([
      { attachmentId: text, url: signed.url, urlExpiresAt: signed.urlExpiresAt },
      { attachmentId: id, ...signed },
    ]);
    expect(await urlsOf(stranger, [id])).toEqual([]);
    expect(await urlsOf(foreigner, [id])).toEqual([]);
  });

  it('takes 1 to 100 ids', async () => {
    for (const count of [0, 101]) {
      const ids = Array.from({ length: count }, () => uuid());
      expect((await bob.http.call('POST', '/api/v1/attachments/urls', { attachmentIds: ids })).body.code).toBe('VALIDATION_FAILED');
    }
  });
});

describe('a signed URL', () => {
  const urlFor = async (person: Person, id: string) => String((await urlsOf(person, [id]))[0]?.url);

  it('is good no longer than its viewer may open the file', async () => {
    const { group, id, message } = await shared();
    const [hers, his] = [await urlFor(alice, id), await urlFor(bob, id)];
    expect([await status(hers), await status(his)]).toEqual([200, 200]);
    expectStatus(await alice.http.call('DELETE', `/api/v1/conversations/${group.id}/members/${bob.id}`), 204);
    const etag = `"${id}"`;
    expect([await status(his), await status(his, { headers: { 'if-none-match': etag } }), await status(hers)]).toEqual([404, 404, 200]);
    expectStatus(await alice.http.call('DELETE', `/api/v1/messages/${message.id}?for=everyone`), 200, 204);
    // Unused again, it is its owner's alone.
    expect([await status(hers), await status(his)]).toEqual([200, 404]);
  });

  it('is refused to who hid the message, and to who is suspended', async () => {
    const { id, message } = await shared();
    const carol = await signUp(app.url, 'carol');
    const own = String(expectStatus(await upload(carol, 'mine', 'a.txt'), 201).url);
    const his = await urlFor(bob, id);
    expectStatus(await bob.http.call('DELETE', `/api/v1/messages/${message.id}?for=me`), 200, 204);
    expect([await status(his), await status(own)]).toEqual([404, 200]);
    await suspendUser.run(app.container.portsOf(suspendUser.deps), { userId: asId(carol.id) }, operatorCall(await account()));
    expect(await status(own)).toBe(403);
  });

  it('ends at its time', async () => {
    const { id } = await shared();
    const url = await urlFor(bob, id);
    app.advance(16 * 60);
    try {
      const answer = await load(url);
      expect([answer.status, ((await answer.json()) as Payload).code]).toEqual([403, 'FILE_URL_INVALID']);
    } finally {
      app.advance(-16 * 60);
    }
  });

  it.each([
    ['changed', 403, (url: string) => url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['cut', 403, (url: string) => url.slice(0, -5)],
    ['of nothing', 403, () => '/api/v1/files/x'],
    ['too long for any route', 400, () => `/api/v1/files/${'x'.repeat(600)}`],
  ])('is refused when it is %s, and its answer repeats nothing of it', async (_, expected, change) => {
    const { id } = await shared();
    const url = change(await urlFor(bob, id));
    const answer = await load(url);
    const body = (await answer.json()) as Payload;
    expect([answer.status, body.code]).toEqual([expected, expected === 403 ? 'FILE_URL_INVALID' : 'VALIDATION_FAILED']);
    expect(body.path).toBe('/api/v1/files/[redacted]');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('is refused beside the token or client key of another', async () => {
    const { id } = await shared();
    const url = await urlFor(bob, id);
    const beside = (person: Person) => ({ headers: { authorization: `Bearer ${person.accessToken}` } });
    expect(await Promise.all([bob, alice, stranger, foreigner].map((person) => status(url, beside(person))))).toEqual([200, 403, 403, 403]);
    expect(await status(url, { headers: { 'x-client-key': 'default' } })).toBe(200);
  });

  it('opens nothing but files: it is no access token', async () => {
    const { id } = await shared();
    const token = (await urlFor(bob, id)).split('/').at(-1);
    expect(await status('/api/v1/auth/me', { headers: { authorization: `Bearer ${token}` } })).toBe(401);
    expect(await status(`/api/v1/files/${bob.accessToken}`)).toBeOneOf([400, 403]);
  });

  it('cannot be made for a file by who may not open it', async () => {
    const { id } = await shared();
    // As if the signer had been asked by mistake: access is the download's business.
    const actor = { userId: asId<'user'>(stranger.id), sessionId: asId<'session'>(stranger.session.id) };
    const sign = app.container.resolve(FileUrls).signerFor({ account: await account(), actor });
    expect(await status(sign({ id: asId(id), hasThumbnail: true }).url)).toBe(404);
  });
});

it('one network loads a page of 50 thumbnails, and no more files than it may', async () => {
  const small = await startWithFiles({ env: { LIMIT_FILES: '60/3600' } });
  try {
    const anna = await signUp(small.url, 'anna');
    const { id } = expectStatus(await upload(anna, await photo(), 'me.jpg'), 201);
    const { items } = expectStatus(await anna.http.call('POST', '/api/v1/attachments/urls', { attachmentIds: [id] }), 200) as {
      items: Payload[];
    };
    const thumbnail = () => fetch(new URL(items[0]?.thumbnailUrl, small.url));
    const page = await Promise.all(Array.from({ length: 50 }, thumbnail));
    expect(new Set(page.map((answer) => answer.status))).toEqual(new Set([200]));
    expect(page[0]?.headers.get('ratelimit-policy')).toBe('"files";q=60;w=3600');
    const rest = await Promise.all(Array.from({ length: 20 }, thumbnail));
    expect(rest.filter(({ status: each }) => each === 200)).toHaveLength(10);
    const refused = rest.find(({ status: each }) => each === 429);
    // In a minute at the latest: the first of them was taken a while ago.
    const retryAfterSeconds = Number(refused?.headers.get('retry-after'));
    expect(retryAfterSeconds).toBeGreaterThan(0);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
    expect(await refused?.json()).toMatchObject({ code: 'RATE_LIMITED', details: { policy: 'files', limit: 60, window: 3_600 } });
    // Before anything is looked at, so that guessing is limited too.
    expect((await fetch(new URL('/api/v1/files/x', small.url))).status).toBe(429);
  } finally {
    await small.close();
  }
});

describe('what is sent for a signed URL', () => {
  it('is what the file is sent with everywhere, for a page of any origin', async () => {
    const { id } = await shared();
    const [{ url }] = (await urlsOf(bob, [id])) as [Payload];
    const { status: code, headers } = await load(url, { headers: { origin: 'https://app.example.com', 'sec-fetch-mode': 'no-cors' } });
    expect(code).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'content-disposition': `inline; filename="me.jpg"; filename*=UTF-8''me.jpg`,
      'cache-control': 'private, no-cache',
      'cross-origin-resource-policy': 'cross-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
      etag: `"${id}"`,
    });
  });

  it('is a range, nothing anew, or headers alone, as asked', async () => {
    const { url } = expectStatus(await upload(bob, 'abcdefghij', 'a.txt'), 201);
    const part = await load(url, { headers: { range: 'bytes=2-4' } });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([206, 'cde', 'bytes 2-4/10']);
    const etag = part.headers.get('etag') ?? '';
    expect(await status(url, { headers: { 'if-none-match': etag } })).toBe(304);
    const head = await load(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '10', '']);
    expect(await status(url, { headers: { range: 'bytes=10-' } })).toBe(416);
  });

  it('is for reading only', async () => {
    const { url } = expectStatus(await upload(bob, 'abcdefghij', 'a.txt'), 201);
    expect(await status(url, { method: 'DELETE' })).toBe(404);
  });
});
