import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataOf, httpClient } from '../support/clients.ts';
import { type Collector, openCollector, type ReceivedSpan } from '../support/collector.ts';
import { loadedModules, recordingModules } from '../support/loaded-modules.ts';
import { privateDirectory } from '../support/machine.ts';
import { atNode, expectStatus, openDirect, type Person, signInAgain, signUpAll } from '../support/people.ts';
import { spawnTestApp } from '../support/spawned-app.ts';
import { type SpawnedNodes, spawnNodes } from '../support/spawned-nodes.ts';
import { until } from '../support/until.ts';
import { openReceiver, type Receiver } from '../support/webhook-receiver.ts';

const OWNER = { ADMIN_EMAIL: 'owner@example.com', ADMIN_PASSWORD: 'a long password of the owner' };
const SAID = 'between us alone';
const TELEMETRY = /node_modules\/(?:@opentelemetry|@fastify\/otel|@sentry|import-in-the-middle|require-in-the-middle)\//;

/** OTLP's numbers of span kinds. */
const [INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER] = [1, 2, 3, 4, 5];

/** The names of what a span is part of, from the first of its trace on. */
function pathOf(span: ReceivedSpan | undefined, spans: readonly ReceivedSpan[]): string[] {
  if (span === undefined) return [];
  const parent = spans.find(({ spanId, traceId }) => traceId === span.traceId && spanId === span.parentSpanId);
  return [...pathOf(parent, spans), `${span.node} ${span.name}`];
}

describe('two nodes that are traced', () => {
  let directory: string;
  let collector: Collector;
  let page: Receiver;
  let cluster: SpawnedNodes;
  let alice: Person;
  let bob: Person;
  beforeAll(async () => {
    directory = await privateDirectory('traces');
    collector = await openCollector();
    page = await openReceiver();
    const tracing = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20key',
      OTEL_TRACES_SAMPLER_ARG: '1',
    };
    const env = { ...tracing, ...OWNER, OUTBOUND_ALLOW: new URL(page.url).host, ...recordingModules(join(directory, 'traced')) };
    cluster = await spawnNodes({ env });
    const [here, there] = cluster.nodes;
    const people = await signUpAll(here.url, 'alice', 'bob');
    alice = people.alice;
    bob = atNode(people.bob, there.url);
    const credentials = { username: OWNER.ADMIN_EMAIL, password: OWNER.ADMIN_PASSWORD };
    const { accessToken } = expectStatus(await httpClient(here.url).call('POST', '/api/v1/auth/login', credentials), 200);
    const owner = httpClient(here.url, { token: accessToken });
    expectStatus(await owner.call('PUT', '/api/v1/admin/link-previews', { enabled: true }), 200);
  });
  afterAll(async () => {
    await cluster?.stop();
    await page?.close();
    await collector?.close();
  });

  const spansOf = (requestId: string): ReceivedSpan[] => {
    const first = collector.spans.find(({ attributes, kind }) => attributes['coucou.request_id'] === requestId && kind === SERVER);
    return collector.spans.filter(({ traceId }) => traceId === first?.traceId);
  };
  const named = (spans: readonly ReceivedSpan[], name: string, node?: string) =>
    spans.find((span) => span.name === name && (node === undefined || span.node === node));
  const untilTold = (requestId: string, ...names: readonly string[]) =>
    until(() => names.every((name) => named(spansOf(requestId), name) !== undefined), { what: `spans of ${names.join(' and ')}` });

  it('show a message from the request to its last consequence, on both, in one trace', async () => {
    const { id } = await openDirect(alice, bob);
    const socket = bob.socket('websocket');
    await socket.connect();
    const requestId = randomUUID();
    const body = { clientMessageId: randomUUID(), content: `${SAID}: ${page.url}/said` };
    expectStatus(await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, body, { 'x-request-id': requestId }), 201);
    await socket.events.next('message:new', ({ message }) => message.content === body.content);
    await socket.close();
    const request = 'POST /api/v1/conversations/:conversationId/messages';
    await untilTold(requestId, request, 'events receive', 'events deliver', 'search.indexPosted (outbox)', 'linkPreviews.preview (job)');
    const spans = spansOf(requestId);
    const path = (name: string, node?: string) => pathOf(named(spans, name, node), spans);
    const call = [`node-1 ${request}`, 'node-1 messages.send'];
    const append = [...call, 'node-1 messages append'];
    expect(path('postgres append')).toEqual([...append, 'node-1 messages append batch', 'node-1 postgres append']);
    expect(path('events deliver', 'node-1')).toEqual([...call, 'node-1 events publish', 'node-1 events deliver']);
    expect(path('events deliver', 'node-2')).toEqual([...call, 'node-1 events publish', 'node-2 events receive', 'node-2 events deliver']);
    // Any node may run what follows; the job is stored by the consequence that found the link.
    const follows = (name: string) => path(name).map((step) => step.replace(/^node-\d /, ''));
    const appended = append.map((step) => step.replace(/^node-\d /, ''));
    expect(follows('search.indexPosted (outbox)')).toEqual([...appended, 'search.indexPosted (outbox)']);
    expect(follows('linkPreviews.preview (job)')).toEqual([...appended, 'linkPreviews.posted (outbox)', 'linkPreviews.preview (job)']);
    const kindOf = (name: string) => named(spans, name)?.kind;
    expect(
      [request, 'messages.send', 'postgres append', 'events publish', 'events receive', 'linkPreviews.preview (job)'].map(kindOf),
    ).toEqual([SERVER, INTERNAL, CLIENT, PRODUCER, CONSUMER, CONSUMER]);
    expect(named(spans, request)?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/api/v1/conversations/:conversationId/messages',
      'url.path': '/api/v1/conversations/:conversationId/messages',
      'http.response.status_code': 201,
      'coucou.request_id': requestId,
    });
    expect(named(spans, 'messages.send')?.attributes).toMatchObject({ 'coucou.user_id': alice.id, 'coucou.conversation_id': id });
    expect(collector.text()).toContain('POST /v1/traces');
    expect(collector.text()).toContain('"x-key":"a key"');
  });

  it('link a batch to all messages that it stored, and show commands of Redis and what callers did wrong', async () => {
    const { id } = await openDirect(alice, bob);
    const socket = alice.socket('websocket');
    await socket.connect();
    const send = () => socket.call('messages.send', { conversationId: id, clientMessageId: randomUUID(), content: SAID });
    for (const answer of await Promise.all(Array.from({ length: 20 }, send))) dataOf(answer);
    await socket.close();
    const requestId = randomUUID();
    const guess = await alice.http.call('GET', '/api/v1/invites/between-us-alone', undefined, { 'x-request-id': requestId });
    expect(guess.body.code).toBe('INVITE_NOT_FOUND');
    await untilTold(requestId, 'GET /api/v1/invites/:code');
    const appends = () => collector.spans.filter(({ name }) => name === 'messages append');
    const batch = () => collector.spans.find(({ name, links }) => name === 'messages append batch' && links.length > 0);
    const isComplete = () => batch()?.links.every(({ spanId }) => appends().some((each) => each.spanId === spanId)) === true;
    await until(isComplete, { what: 'a batch with all that it is linked to' });
    expect(batch()?.links.length).toBe(Number(batch()?.attributes['messaging.batch.message_count']) - 1);
    const spans = spansOf(requestId);
    const refused = spans.find(({ attributes }) => attributes['error.type'] === 'INVITE_NOT_FOUND');
    expect([refused?.kind, refused?.status]).toEqual([INTERNAL, 0]);
    expect(spans.find(({ attributes }) => attributes['db.system.name'] === 'redis')).toMatchObject({
      kind: CLIENT,
      attributes: { 'db.operation.name': expect.stringMatching(/^[a-z]+$/) },
    });
  });

  it('tell nothing of what was said, nor any secret', async () => {
    const again = await signInAgain(cluster.nodes[1].url, alice);
    const requestId = randomUUID();
    const { http } = alice;
    expectStatus(await http.call('GET', `/api/v1/messages/search?q=${encodeURIComponent(SAID)}`), 200);
    await http.call('GET', `/api/v1/nowhere/${alice.email}?token=${again.accessToken}`);
    expectStatus(await http.call('POST', '/api/v1/auth/password/forgot', { email: alice.email }), 204);
    expectStatus(await http.call('GET', '/api/v1/auth/me', undefined, { 'x-request-id': requestId }), 200);
    await untilTold(requestId, 'GET /api/v1/auth/me');
    const secrets = [SAID, 'between-us-alone', page.url, OWNER.ADMIN_EMAIL, OWNER.ADMIN_PASSWORD, '127.0.0.1:'];
    for (const { email, password, username, accessToken, refreshToken } of [alice, bob, again])
      secrets.push(email, password, username, accessToken, refreshToken);
    const told = JSON.stringify(collector.spans);
    for (const secret of secrets) {
      expect(told).not.toContain(secret);
      expect(told).not.toContain(encodeURIComponent(secret));
    }
  });

  it('load what they need for it, and a server that is not traced loads none of it', async () => {
    expect((await loadedModules(join(directory, 'traced'))).filter((url) => TELEMETRY.test(url)).length).toBeGreaterThan(20);
    const { database, redis } = cluster;
    const app = await spawnTestApp({ database, redisUrl: redis.url, env: recordingModules(join(directory, 'untraced')) });
    await signUpAll(app.url, 'alice');
    await app.stop();
    const loaded = await loadedModules(join(directory, 'untraced'));
    expect(loaded.some((url) => url.includes('/node_modules/fastify/'))).toBe(true);
    expect(loaded.filter((url) => TELEMETRY.test(url))).toEqual([]);
  });
});
