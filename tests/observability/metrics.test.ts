import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataOf, httpClient } from '../support/clients.ts';
import { startOnEither } from '../support/either-engine.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus, signUp } from '../support/people.ts';
import { spawnTestApp } from '../support/spawned-app.ts';
import { until } from '../support/until.ts';
import { type Scrape, scrape } from './scrape.ts';

const TOKEN = 'a token that is long enough, 0123456789'.replaceAll(' ', '-').replaceAll(',', '');

let app: ListeningApp;
beforeAll(async () => {
  app = await startOnEither({ env: { METRICS_TOKEN: TOKEN } });
});
afterAll(() => app?.close());

const here = (): Promise<Scrape> => scrape(`${app.url}/metrics`, TOKEN);

/** What a scrape counts more than the one before. */
const between = (before: Scrape, after: Scrape) => (name: string, labels: Readonly<Record<string, string>>) =>
  after.sum(name, labels) - before.sum(name, labels);

describe('/metrics on the main port', () => {
  it('asks for the token', async () => {
    expect(app.metricsUrl).toBe(`${app.url}/metrics`);
    for (const headers of [{}, { authorization: `Bearer ${TOKEN}x` }, { authorization: 'Bearer' }, { authorization: `Basic ${TOKEN}` }]) {
      const answer = await httpClient(app.url).call('GET', '/metrics', undefined, headers);
      expect([answer.status, answer.body.code]).toEqual([401, 'UNAUTHENTICATED']);
    }
    const answer = await httpClient(app.url, { token: TOKEN }).call('GET', '/metrics');
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('counts calls on every transport, appends, and what is delivered', async () => {
    const [alice, bob] = [await signUp(app.url, 'alice'), await signUp(app.url, 'bob')];
    const { id } = expectStatus(await alice.http.call('POST', '/api/v1/conversations', { type: 'direct', userId: bob.id }), 201);
    const sockets = { plain: bob.socket('websocket'), websocket: alice.socketIo(), polling: alice.socketIo({ transports: ['polling'] }) };
    const before = await here();
    for (const socket of Object.values(sockets)) await socket.connect();
    const connected = await here();
    for (const transport of ['plain', 'websocket', 'polling']) expect(connected.sum('coucou_sockets', { transport })).toBe(1);

    const input = () => ({ conversationId: id, clientMessageId: randomUUID(), content: 'hello' });
    dataOf(await sockets.plain.call('message:send', input()));
    dataOf(await sockets.websocket.call('messages.send', input()));
    const { conversationId: _, ...body } = input();
    expectStatus(await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, body), 201);
    expect(await sockets.plain.call('messages.send', {})).toMatchObject({ ok: false });
    dataOf(await sockets.plain.call('sync.conversations', { conversations: {}, limit: 10 }));
    await until(() => sockets.plain.events.of('message:new').length >= 3, {
      what: 'the messages',
    });
    await app.settled();

    const grew = between(before, await here());
    const sends = { operation: 'messages.send' };
    expect(grew('coucou_calls_total', { ...sends, transport: 'http', status: '2xx' })).toBe(1);
    expect(grew('coucou_calls_total', { ...sends, transport: 'socket.io', status: '2xx' })).toBe(1);
    expect(grew('coucou_calls_total', { ...sends, transport: 'websocket', status: '2xx' })).toBe(1);
    expect(grew('coucou_calls_total', { ...sends, transport: 'websocket', status: '4xx' })).toBe(1);
    expect(grew('coucou_call_duration_seconds_count', sends)).toBe(4);
    expect(grew('coucou_message_appends_total', { outcome: 'stored' })).toBe(3);
    expect(grew('coucou_message_append_batch_messages_sum', {})).toBe(3);
    expect(grew('coucou_message_append_duration_seconds_count', {})).toBe(grew('coucou_message_append_batch_messages_count', {}));
    // Over three transports; the call that was refused is not among them.
    expect(grew('coucou_message_send_duration_seconds_count', {})).toBe(3);
    expect(grew('coucou_syncs_total', { outcome: 'complete' })).toBe(1);
    expect(grew('coucou_delivery_lag_seconds_count', {})).toBeGreaterThanOrEqual(3);
    expect(grew('coucou_events_announced_total', {})).toBeGreaterThanOrEqual(3);
    // Each message reaches three sockets, and one of them is plain.
    expect(grew('coucou_events_delivered_total', { transport: 'websocket' })).toBeGreaterThanOrEqual(3);
    expect(grew('coucou_events_delivered_total', { transport: 'socket.io' })).toBeGreaterThanOrEqual(6);
    expect(grew('coucou_outbox_events_total', { outcome: 'done' })).toBeGreaterThanOrEqual(1);
    for (const socket of Object.values(sockets)) await socket.close();
    await until(async () => (await here()).sum('coucou_sockets') === 0, { what: 'the sockets to be gone' });
    expect(between(before, await here())('coucou_sockets_ended_total', {})).toBe(3);
  });

  it('tells a copy that could not be led on from one that is new, and from one that is complete', async () => {
    const [alice, bob] = [await signUp(app.url), await signUp(app.url)];
    const { id } = expectStatus(await alice.http.call('POST', '/api/v1/conversations', { type: 'direct', userId: bob.id }), 201);
    const syncFrom = async (version: number | undefined) =>
      expectStatus(await alice.http.call('POST', '/api/v1/sync', { conversations: { [id]: { version } }, limit: 10 }), 200);
    const before = await here();
    const { conversations } = await syncFrom(undefined);
    await syncFrom(conversations[0].version);
    // One that the server never gave.
    await syncFrom(conversations[0].version + 1_000);
    const grew = between(before, await here());
    expect(['complete', 'reset'].map((outcome) => grew('coucou_syncs_total', { outcome }))).toEqual([2, 1]);
    expect(grew('coucou_sync_resets_total', { of: 'conversation' })).toBe(1);
  });

  it('counts attempts to sign in, refreshes and ended sessions by outcome', async () => {
    const alice = await signUp(app.url);
    const stranger = httpClient(app.url);
    const before = await here();
    const login = (password: string) => stranger.call('POST', '/api/v1/auth/login', { identifier: alice.username, password });
    const { refreshToken } = expectStatus(await login(alice.password), 200);
    expectStatus(await login('not the right one'), 401);
    expectStatus(await stranger.call('POST', '/api/v1/auth/refresh', { refreshToken }), 200);
    expectStatus(await alice.http.call('POST', '/api/v1/auth/logout-all'), 204);
    const grew = between(before, await here());
    const logins = { operation: 'auth.login' };
    expect(['opened', 'refused', 'failed'].map((outcome) => grew('coucou_logins_total', { ...logins, outcome }))).toEqual([1, 1, 0]);
    expect(grew('coucou_session_refreshes_total', { outcome: 'rotated' })).toBe(1);
    expect(grew('coucou_sessions_revoked_total', {})).toBe(2);
  });

  it('has one series for whatever operations and paths callers make up', async () => {
    const alice = await signUp(app.url);
    const socket = alice.socket('websocket');
    await socket.connect();
    const before = await here();
    for (let round = 0; round < 100; round += 1)
      await Promise.all(Array.from({ length: 100 }, (_, at) => socket.call(`made-up.${round}-${at}`, {})));
    for (let at = 0; at < 20; at += 1) await alice.http.call('GET', `/api/v1/made-up-${at}/${randomUUID()}`);
    const after = await here();
    const grew = between(before, after);
    expect(grew('coucou_calls_total', { operation: 'unknown', transport: 'websocket', status: '4xx' })).toBe(10_000);
    expect(grew('coucou_calls_total', { operation: 'other', transport: 'http', status: '4xx' })).toBe(20);
    expect(JSON.stringify(after.samples)).not.toMatch(new RegExp(`made-up|${alice.id}|${alice.username}`));
    await socket.close();
  });

  it('serves what the catalogue names, with its kind, and the process beside it', async () => {
    const { types, samples, sum } = await here();
    for (const { name, kind } of Object.values(catalogue)) expect([name, types.get(name)]).toEqual([name, kind]);
    const known = new Map(Object.values(catalogue).map((metric) => [metric.name as string, metric]));
    for (const { name, labels } of samples.filter((sample) => sample.name.startsWith('coucou_'))) {
      const metric = known.get(name) ?? known.get(name.replace(/_(?:bucket|sum|count)$/, ''));
      expect([
        name,
        Object.keys(labels)
          .filter((label) => label !== 'le')
          .toSorted(),
      ]).toEqual([name, [...(metric?.labels ?? ['?'])].toSorted()]);
    }
    expect(sum('coucou_info')).toBe(1);
    expect(sum('coucou_database_connections')).toBeGreaterThan(0);
    expect(samples.filter(({ name }) => name === 'coucou_database_oldest_transaction_seconds')).toHaveLength(1);
    expect(samples.filter(({ name }) => name === 'coucou_outgoing_buffer_bytes')).toHaveLength(2);
    expect(sum('coucou_rooms_held')).toBe(0);
    expect(sum('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(types.get('nodejs_eventloop_lag_p99_seconds')).toBe('gauge');
  });
});

describe('the dashboards', () => {
  it('name metrics that are served', async () => {
    const { types } = await here();
    const folder = new URL('../../deploy/grafana/dashboards/', import.meta.url);
    const names = await readdir(folder);
    const texts = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
    const named = new Set(texts.join('').match(/\b(?:coucou|process|nodejs)_\w+/g));
    expect(named.size).toBeGreaterThan(40);
    expect([...named].filter((name) => !types.has(name) && types.get(name.replace(/_(?:bucket|sum|count)$/, '')) !== 'histogram')).toEqual(
      [],
    );
    // Every metric of the catalogue is on one of them.
    const shown = (name: string) => texts.some((text) => text.includes(name));
    expect(Object.values(catalogue).filter(({ name }) => !shown(name))).toEqual([]);
  });
});

describe('/metrics elsewhere', () => {
  it('has a port of its own, and is then not on the main one; on the embedded database as well', async () => {
    const own = await spawnTestApp({ env: { METRICS_PORT: '0' } });
    // The line "ready" says where it is.
    const { metricsUrl } = own.logs().find(({ msg }) => msg === 'ready');
    try {
      expect(new URL(metricsUrl).port).not.toBe(new URL(own.url).port);
      await signUp(own.url);
      const { sum } = await scrape(metricsUrl);
      expect(sum('coucou_calls_total', { operation: 'auth.signup', status: '2xx' })).toBe(1);
      expect(sum('coucou_database_connections', { pool: 'main' })).toBe(1);
      const statuses = await Promise.all(
        [[`${own.url}/metrics`], [new URL('/', metricsUrl).href], [metricsUrl, { method: 'POST' }], [metricsUrl, { method: 'HEAD' }]].map(
          async ([url, init]) => (await fetch(url as string, init as RequestInit)).status,
        ),
      );
      expect(statuses).toEqual([404, 404, 405, 200]);
      await own.kill('SIGTERM');
      expect(await own.exited).toMatchObject({ code: 0 });
    } finally {
      await own.stop();
    }
    await expect(fetch(metricsUrl)).rejects.toThrow('fetch failed');
  });

  it('asks for the token on that port as well where there is one', async () => {
    const own = await startTestApp({ env: { METRICS_PORT: '0', METRICS_TOKEN: TOKEN } });
    try {
      const { metricsUrl = '' } = own;
      expect((await fetch(metricsUrl)).status).toBe(401);
      expect((await scrape(metricsUrl, TOKEN)).sum('coucou_info')).toBe(1);
    } finally {
      await own.close();
    }
  });

  it('is nowhere without either', async () => {
    const own = await startTestApp();
    try {
      expect(own.metricsUrl).toBeUndefined();
      expect((await httpClient(own.url, { token: TOKEN }).call('GET', '/metrics')).status).toBe(404);
    } finally {
      await own.close();
    }
  });
});
