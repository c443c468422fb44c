import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Payload } from '../support/event-log.ts';
import type { Instance } from '../support/instance.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { startNodesRedis } from '../support/nodes-redis.ts';
import { atNode, expectStatus, openDirect, openGroup, type Person, signInAgain, signUpAll } from '../support/people.ts';
import type { Database } from '../support/template.ts';

/** Cached answers of two nodes on one database, beside a third that caches nothing; Redis is stopped, hung and emptied meanwhile. */

/** `CACHE_HISTORIES=200` is what releases are held to. */
const HISTORIES = Number(process.env['CACHE_HISTORIES'] ?? 2);

let redis: Instance;
let database: Database;
let nodes: readonly ListeningApp[];
let uncached: ListeningApp;
beforeAll(async () => {
  redis = await startNodesRedis();
  database = await createDatabase();
  const start = (name: string, env: Record<string, string> = {}) =>
    startTestApp({ database, redisUrl: redis.url, env: { INSTANCE_ID: name, LOG_LEVEL: 'silent', ...env } });
  nodes = [await start('here'), await start('there')];
  uncached = await start('plain', { ANSWER_CACHE: '0' });
});
afterAll(async () => {
  await redis?.kill('SIGCONT');
  for (const node of [...(nodes ?? []), uncached]) await node?.close();
  await database?.drop();
  await redis?.stop();
});

const LISTS = ['/api/v1/conversations?limit=20', '/api/v1/conversations?limit=20&filter=unread', '/api/v1/auth/me'];

/** Sealed anew with every answer; URLs of files are of the session, which is the same. */
const comparable = ({ status, body }: { status: number; body: Payload }) => {
  // When a session was last used is written now and then.
  const { nextCursor: _sealed, requestId: _id, timestamp: _time, session: _used, ...rest } = body;
  return { status, ...rest };
};

type Step = Readonly<{ do: string; by: number; at: number; on: number; text: string }>;
const step = fc.record({
  do: fc.constantFrom(
    'send',
    'send',
    'send',
    'edit',
    'react',
    'delete',
    'hide',
    'read',
    'rename',
    'profile',
    'archive',
    'pin',
    'remove',
    'add',
    'hang',
    'resume',
    'empty',
    'restart',
  ),
  by: fc.nat(2),
  at: fc.nat(1),
  on: fc.nat(1),
  text: fc.string({ minLength: 1, maxLength: 12 }).map((text) => `t ${text.replaceAll(/[^\w ]/g, '')}`),
});

describe('two nodes', () => {
  it('answer nobody what is older than what the database said when they asked', async () => {
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 14 }), async (steps) => {
        const { alice, bob, carol } = await signUpAll(uncached.url, 'alice', 'bob', 'carol');
        const people = [alice, bob, carol] as const;
        const conversations = [await openGroup(alice, [bob, carol]), await openDirect(alice, bob)] as const;
        const pages = conversations.map(({ id }) => `/api/v1/conversations/${id}/messages?limit=20`);

        async function lookAround(): Promise<void> {
          for (const person of people)
            for (const path of [...LISTS, ...pages]) {
              const fresh = comparable(await atNode(person, uncached.url).http.call('GET', path));
              for (const node of nodes) {
                const answer = await atNode(person, node.url).http.call('GET', path);
                expect(comparable(answer)).toEqual(fresh);
                const etag = answer.headers.get('etag');
                if (etag === null) continue;
                // Twice the same answer, from the cache.
                const again = await atNode(person, node.url).http.call('GET', path, undefined, { 'if-none-match': etag });
                if (again.status === 304) hits += 1;
                expect(again.status === 304 ? fresh : comparable(again)).toEqual(fresh);
              }
            }
        }

        await lookAround();
        for (const each of steps) {
          await take(each, people, conversations);
          await lookAround();
        }
        await redis.kill('SIGCONT');
      }),
      { numRuns: HISTORIES, ...(process.env['CACHE_SEED'] && { seed: Number(process.env['CACHE_SEED']) }) },
    );
    expect(hits).toBeGreaterThan(HISTORIES * 50);
  });

  async function take({ do: what, by, at, on, text }: Step, people: readonly Person[], conversations: readonly Payload[]): Promise<void> {
    if (what === 'hang') return redis.kill('SIGSTOP');
    if (what === 'resume') return redis.kill('SIGCONT');
    if (what === 'restart' || what === 'empty') {
      await redis.kill('SIGCONT');
      return redis.restart();
    }
    const person = people[by] as Person;
    const { id } = conversations[on];
    const { http } = atNode(person, (nodes[at] as ListeningApp).url);
    const last = async () => (await http.call('GET', `/api/v1/conversations/${id}/messages?limit=20`)).body.items?.at(-1);
    const message = ['edit', 'react', 'delete', 'hide', 'read'].includes(what) ? await last() : undefined;
    if (message === undefined && ['edit', 'react', 'delete', 'hide', 'read'].includes(what)) return;
    const call = (method: string, path: string, body?: unknown) => http.call(method, `/api/v1${path}`, body);
    // Whoever may not is refused, which changes nothing.
    const steps: Record<string, () => Promise<unknown>> = {
      send: () => call('POST', `/conversations/${id}/messages`, { content: text, mentions: [people[(by + 1) % 3]?.id] }),
      edit: () => call('PATCH', `/messages/${message.id}`, { content: text }),
      react: () => call('PUT', `/messages/${message.id}/reactions/${encodeURIComponent('👍')}`),
      delete: () => call('DELETE', `/messages/${message.id}?for=everyone`),
      hide: () => call('DELETE', `/messages/${message.id}?for=me`),
      read: () => call('POST', '/receipts', { items: [{ conversationId: id, readSeq: message.seq }] }),
      rename: () => call('PATCH', `/conversations/${id}`, { title: text }),
      profile: () => call('PATCH', '/users/me', { displayName: text }),
      archive: () => call('PATCH', `/conversations/${id}/membership`, { archived: text.length % 2 === 0 }),
      pin: () => call('PATCH', `/conversations/${id}/membership`, { pinned: text.length % 2 === 0 }),
      remove: () => call('DELETE', `/conversations/${id}/members/${people[(by + 1) % 3]?.id}`),
      add: () => call('POST', `/conversations/${id}/members`, { userIds: [people[(by + 1) % 3]?.id] }),
    };
    const answer = (await steps[what]?.()) as { status: number; body: Payload };
    if (answer.status === 404 && answer.body.code === 'NOT_FOUND') throw new Error(`there is no route to ${what}`);
    if (answer.status >= 500 || answer.body?.code === 'VALIDATION_FAILED') throw new Error(`${what}: ${JSON.stringify(answer.body)}`);
  }

  it('tell one session of a person from another, and refuse one that has ended', async () => {
    const { alice, bob } = await signUpAll(uncached.url, 'alice', 'bob');
    const laptop = await signInAgain(uncached.url, alice);
    const { id } = await openDirect(alice, bob);
    const file = new FormData();
    file.set('file', new Blob([Buffer.from('just some text')], { type: 'text/plain' }), 'a.txt');
    const attachment = expectStatus(await alice.http.call('POST', '/api/v1/attachments', file), 201);
    expectStatus(
      await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, { type: 'file', attachmentIds: [attachment.id] }),
      201,
    );
    const path = `/api/v1/conversations/${id}/messages`;
    const read = (person: Person, at: number, etag?: string) =>
      atNode(person, (nodes[at] as ListeningApp).url).http.call(
        'GET',
        path,
        undefined,
        etag === undefined ? {} : { 'if-none-match': etag },
      );
    const answers = [await read(alice, 0), await read(alice, 1), await read(laptop, 0), await read(laptop, 1), await read(bob, 0)];
    const urls = answers.map(({ body }) => body.items[0].attachments[0].url as string);
    expect(new Set(urls).size).toBe(3);
    expect([urls[0], urls[2]]).toEqual([urls[1], urls[3]]);
    for (const url of urls) expect((await fetch(new URL(url, uncached.url))).status).toBe(200);
    const [etag, otherEtag] = [answers[0], answers[2]].map((answer) => answer?.headers.get('etag') ?? '');
    expect(etag).toMatch(/^W\/"[0-9a-f]{32}"$/);
    expect(answers[0]?.headers.get('cache-control')).toBe('no-store');
    const held = await read(alice, 1, `"other", ${etag}`);
    expect([held.status, held.body, held.headers.get('etag')]).toEqual([304, undefined, etag]);
    expect((await read(laptop, 1, etag)).status).toBe(200);
    expect((await read(bob, 1, otherEtag)).status).toBe(200);
    expectStatus(await laptop.http.call('POST', '/api/v1/auth/logout', {}), 200, 204);
    const refused = await atNode(laptop, uncached.url).http.call('GET', path, undefined, { 'if-none-match': otherEtag ?? '' });
    expect(refused.status).toBe(401);
  });

  it('have tags for what is cached alone', async () => {
    const { alice, bob } = await signUpAll(uncached.url, 'alice', 'bob');
    const { id } = await openDirect(alice, bob);
    const etagOf = async (path: string) =>
      (await atNode(alice, nodes[0]?.url ?? '').http.call('GET', `/api/v1${path}`)).headers.get('etag');
    expect(await etagOf(`/conversations/${id}/messages`)).not.toBeNull();
    expect(await etagOf(`/conversations/${id}/messages?before=3`)).toBeNull();
    expect(await etagOf(`/conversations/${id}`)).toBeNull();
  });
});
