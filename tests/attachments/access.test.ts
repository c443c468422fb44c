import { randomUUID as uuid } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectStatus, openDirect, openGroup, type Person, signUp } from '../support/people.ts';
import { announce, complete, open, startWithFiles, photo, send, sendTo, type AppWithFiles, upload, signUpElsewhere } from './files.ts';

let app: AppWithFiles;
let alice: Person;
let bob: Person;
let carol: Person;
let stranger: Person;
let foreigner: Person;

beforeAll(async () => {
  app = await startWithFiles();
  [alice, bob, carol, stranger] = (await Promise.all(['alice', 'bob', 'carol', 'dan'].map((name) => signUp(app.url, name)))) as [
    Person,
    Person,
    Person,
    Person,
  ];
  foreigner = await signUpElsewhere(app, 'eve');
});
afterAll(() => app.close());

const uploaded = async (person: Person, content: string | Uint8Array = 'some text', name = 'notes.txt'): Promise<string> =>
  String(expectStatus(await upload(person, content, name), 201).id);

const status = async (person: Person | undefined, id: string, thumbnail = false): Promise<number> => {
  const answer = await open(app.url, person, id, { thumbnail });
  await answer.arrayBuffer();
  return answer.status;
};

/** Everybody's answers, in one breath. */
const statuses = async (id: string) =>
  Object.fromEntries(
    await Promise.all(
      Object.entries({ alice, bob, carol, stranger, foreigner }).map(async ([name, person]) => [name, await status(person, id)]),
    ),
  );

describe('who may open a file', () => {
  it('is its owner alone while no message uses it', async () => {
    const id = await uploaded(alice);
    expect(await statuses(id)).toEqual({ alice: 200, bob: 404, carol: 404, stranger: 404, foreigner: 404 });
    expect(await status(undefined, id)).toBe(401);
  });

  it('is every member of the conversation, and nobody else, once a message uses it', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const id = await uploaded(bob, await photo());
    expectStatus(await send(bob, group.id, [id]), 201);
    expect(await statuses(id)).toEqual({ alice: 200, bob: 200, carol: 200, stranger: 404, foreigner: 404 });
    expect([await status(carol, id, true), await status(stranger, id, true)]).toEqual([200, 404]);
  });

  it('is no longer who was removed or left, its owner included', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const id = await uploaded(bob);
    expectStatus(await send(bob, group.id, [id]), 201);
    expectStatus(await alice.http.call('DELETE', `/api/v1/conversations/${group.id}/members/${bob.id}`), 204);
    expectStatus(await carol.http.call('POST', `/api/v1/conversations/${group.id}/leave`, {}), 204);
    expect(await statuses(id)).toEqual({ alice: 200, bob: 404, carol: 404, stranger: 404, foreigner: 404 });
  });

  it('is nobody but its owner when the message is deleted for everyone', async () => {
    const group = await openGroup(alice, [bob]);
    const id = await uploaded(alice);
    const message = expectStatus(await send(alice, group.id, [id]), 201);
    expect(await status(bob, id)).toBe(200);
    expectStatus(await alice.http.call('DELETE', `/api/v1/messages/${message.id}?for=everyone`), 200, 204);
    expect(await status(bob, id)).toBe(404);
  });

  it('is not who deleted the message for themself', async () => {
    const group = await openGroup(alice, [bob]);
    const id = await uploaded(alice);
    const message = expectStatus(await send(alice, group.id, [id]), 201);
    expectStatus(await bob.http.call('DELETE', `/api/v1/messages/${message.id}?for=me`), 200, 204);
    expect([await status(bob, id), await status(alice, id)]).toEqual([404, 200]);
  });

  it('is not who came later where history begins with joining', async () => {
    const group = await openGroup(alice, [bob], { settings: { history: 'joined' } });
    const id = await uploaded(alice);
    expectStatus(await send(alice, group.id, [id]), 201);
    expectStatus(await alice.http.call('POST', `/api/v1/conversations/${group.id}/members`, { userIds: [carol.id] }), 200, 201);
    expect([await status(bob, id), await status(carol, id)]).toEqual([200, 404]);
  });

  it('follows a forwarded message to whoever sees that one', async () => {
    const [from, to] = [await openGroup(alice, [bob]), await openGroup(bob, [carol])];
    const id = await uploaded(alice);
    const message = expectStatus(await send(alice, from.id, [id]), 201);
    expectStatus(await bob.http.call('POST', `/api/v1/messages/${message.id}/forward`, { conversationIds: [to.id] }), 200, 201);
    expect(await status(carol, id)).toBe(200);
    expectStatus(await alice.http.call('DELETE', `/api/v1/messages/${message.id}?for=everyone`), 200, 204);
    expect([await status(carol, id), await status(alice, id)]).toEqual([200, 404]);
  });

  it('is, across a block, who still reads the message: nobody learns of a block by a file', async () => {
    const [one, two] = [await signUp(app.url, 'one'), await signUp(app.url, 'two')];
    const direct = await openDirect(one, two);
    const id = await uploaded(one);
    expectStatus(await send(one, direct.id, [id]), 201);
    expectStatus(await one.http.call('PUT', `/api/v1/blocks/${two.id}`, {}), 200, 201, 204);
    const history = await two.http.call('GET', `/api/v1/conversations/${direct.id}/messages`);
    expect(expectStatus(history, 200).items[0].attachments[0].id).toBe(id);
    expect(await status(two, id)).toBe(200);
    const another = await uploaded(two);
    expect((await send(two, direct.id, [another])).body.code).toBe('POSTING_NOT_ALLOWED');
    expect(await status(one, another)).toBe(404);
  });

  it('cannot be had by sending the file of another, or one that is not complete', async () => {
    const group = await openGroup(bob, [carol]);
    const id = await uploaded(alice);
    const pending = expectStatus(await bob.http.call('POST', '/api/v1/attachments', { name: 'a', size: 3 }), 201);
    for (const attachment of [id, pending.id, uuid()])
      expect((await send(bob, group.id, [attachment])).body.code).toBe('ATTACHMENT_NOT_FOUND');
    expect([await status(bob, id), await status(bob, pending.id)]).toEqual([404, 404]);
  });

  it('gets the same answer for what is not theirs and for what does not exist', async () => {
    const id = await uploaded(alice);
    const bodies = await Promise.all(
      [id, uuid()].map(async (each) => {
        const {
          timestamp: _at,
          requestId: _id,
          path: _path,
          ...body
        } = (await stranger.http.call('GET', `/api/v1/attachments/${each}`)).body;
        return body;
      }),
    );
    expect(bodies[0]).toEqual(bodies[1]);
    expect((await alice.http.call('GET', '/api/v1/attachments/..%2F..%2Fsecret-key')).body.code).toBe('VALIDATION_FAILED');
  });
});

describe('what is sent', () => {
  const letters = 'abcdefghijklmnopqrstuvwxyz';

  it('is the file, handed over and not shown', async () => {
    const { id, upload: target } = expectStatus(await announce(alice, letters.length, '../évil "name"\r\n.txt'), 201);
    expect(await sendTo(app.url, target, letters)).toBe(204);
    expectStatus(await complete(alice, id), 200);
    const answer = await open(app.url, alice, id);
    expect(await answer.text()).toBe(letters);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/plain',
      'content-length': '26',
      'content-disposition': `attachment; filename="_vil _name_.txt"; filename*=UTF-8''${encodeURIComponent('évil "name".txt')}`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
      etag: `"${id}"`,
    });
  });

  it('is only bytes where the type is not known to be inert', async () => {
    const script = await uploaded(alice, 'alert(document.cookie) // <script>', 'x.js');
    const unknown = await uploaded(alice, new Uint8Array([1, 2, 3, 0, 255]), 'x.html');
    const types = await Promise.all(
      [script, unknown].map(async (id) => (await open(app.url, alice, id, { method: 'HEAD' })).headers.get('content-type')),
    );
    expect(types).toEqual(['text/plain', 'application/octet-stream']);
  });

  it.each([
    ['bytes=0-4', 206, 'abcde', 'bytes 0-4/26'],
    ['bytes=24-', 206, 'yz', 'bytes 24-25/26'],
    ['bytes=-3', 206, 'xyz', 'bytes 23-25/26'],
    ['bytes=20-999', 206, 'uvwxyz', 'bytes 20-25/26'],
    ['bytes=0-1,4-5', 200, letters, null],
    ['lines=1-2', 200, letters, null],
  ])('is what the range %s asks for', async (range, expected, text, contentRange) => {
    const id = await uploaded(alice, letters);
    const answer = await open(app.url, alice, id, { headers: { range } });
    expect([answer.status, await answer.text(), answer.headers.get('content-range')]).toEqual([expected, text, contentRange]);
  });

  it('is an error for a range that the file does not have', async () => {
    const id = await uploaded(alice, letters);
    const answer = await open(app.url, alice, id, { headers: { range: 'bytes=26-' } });
    expect([answer.status, answer.headers.get('content-range')]).toEqual([416, 'bytes */26']);
    expect(await answer.json()).toMatchObject({ code: 'RANGE_UNSATISFIABLE', details: { size: 26 } });
  });

  it('is nothing anew for who has it, unless they may not have it any more', async () => {
    const group = await openGroup(alice, [bob]);
    const id = await uploaded(alice, letters);
    expectStatus(await send(alice, group.id, [id]), 201);
    const etag = (await open(app.url, bob, id, { method: 'HEAD' })).headers.get('etag') ?? '';
    const asks = (headers: Record<string, string>) =>
      open(app.url, bob, id, { headers }).then(async (answer) => [answer.status, await answer.text()]);
    expect(await asks({ 'if-none-match': etag })).toEqual([304, '']);
    expect(await asks({ 'if-none-match': '"other"' })).toEqual([200, letters]);
    expect(await asks({ range: 'bytes=0-1', 'if-range': etag })).toEqual([206, 'ab']);
    expect(await asks({ range: 'bytes=0-1', 'if-range': '"other"' })).toEqual([200, letters]);
    expectStatus(await alice.http.call('DELETE', `/api/v1/conversations/${group.id}/members/${bob.id}`), 204);
    expect((await asks({ 'if-none-match': etag }))[0]).toBe(404);
  });

  it('is nothing to HEAD but what GET would say', async () => {
    const id = await uploaded(alice, letters);
    const answer = await open(app.url, alice, id, { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-length'), await answer.text()]).toEqual([200, '26', '']);
    for (const range of ['bytes=0-1', 'bytes=99-']) {
      const ranged = await open(app.url, alice, id, { method: 'HEAD', headers: { range } });
      expect([ranged.status, ranged.headers.get('content-length'), ranged.headers.get('content-range')]).toEqual([200, '26', null]);
    }
  });
});
