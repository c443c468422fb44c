import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type Services, startServices } from '../faults/harness/services.ts';
import { startTraffic } from '../faults/harness/traffic.ts';
import { createWorld, type World } from '../faults/harness/world.ts';
import { httpClient } from '../support/clients.ts';
import { freePort } from '../support/machine.ts';
import { openSmtpSink } from '../support/smtp-sink.ts';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import { shortened } from './shortened.ts';

export type Stage = World &
  Readonly<{
    prometheus: Prometheus;
    /** Between the nodes and their mail server. */
    toMail: TcpProxy;
    /** The login of the nodes, past all proxies. */
    runtimeUrl: string;
    /** No new messages, until what this answers is called. */
    silence: () => Promise<() => void>;
    /** A transaction of a superuser that stays open until what this answers is called. */
    holding: (...statements: readonly string[]) => Promise<() => Promise<void>>;
    /** Statements of a superuser, each for itself. */
    asAdmin: (...statements: readonly string[]) => Promise<void>;
  }>;

export type StageOptions = Readonly<{ clients: number; pauseMs: number }>;

/** Hours are minutes for the promises, which look back for three days, and five minutes are ten seconds for the others. */
const FACTORS = { promises: 120, others: 30 };
const PROMISES = new Set(['coucou-send', 'coucou-delivery', 'coucou-sync', 'coucou-login']);

/** Connections that nobody has signed in to, from one network; and files: so few that a fault of the tests reaches them. */
export const CROWD = 20;
export const MOST_FILES = 256;

const settings = (mailUrl: string, metricsPort: number): Record<string, string> => ({
  METRICS_PORT: String(metricsPort),
  SMTP_URL: mailUrl,
  MAIL_FROM: 'no-reply@chat.example.com',
  LIMIT_UNAUTHENTICATED: `2000,${CROWD}`,
  MAX_OUTGOING_BUFFER: '1048576',
  SCHEDULES: 'linkPreviews.upkeep=every 2s; health.figures=every 2s',
});

/** Does something again and again, whatever comes of it, until it is stopped. */
export function repeating(work: () => Promise<unknown>, everyMs: number): () => Promise<void> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = (async () => {
    while (!signal.aborted) {
      await work().catch(() => {});
      await pause(everyMs, undefined, { signal }).catch(() => {});
    }
  })();
  return async () => {
    stopping.abort();
    await running;
  };
}

/** What people do beside sending: every two seconds somebody signs in, reads, searches, syncs, and asks for a link by mail. */
function beginErrands({ nodes, people, groups }: World): () => Promise<void> {
  let turn = 0;
  return repeating(async () => {
    turn += 1;
    const { url } = nodes[turn % nodes.length] ?? nodes[0];
    const person = people[turn % people.length];
    if (person === undefined) return;
    const { username, password } = person;
    const stranger = httpClient(url);
    const { body } = await stranger.call('POST', '/api/v1/auth/login', { username, password });
    const own = httpClient(url, { token: body.accessToken });
    await own.call('POST', '/api/v1/sync', { conversations: { [groups[0] ?? '']: {} }, limit: 20 });
    await own.call('GET', `/api/v1/conversations/${groups[0]}/messages`);
    await own.call('GET', '/api/v1/conversations');
    await own.call('GET', '/api/v1/messages/search?q=person');
    await stranger.call('POST', '/api/v1/auth/refresh', { refreshToken: body.refreshToken });
    await stranger.call('POST', '/api/v1/auth/magic-links', { email: person.email });
    await own.call('POST', '/api/v1/auth/logout');
  }, 2_000);
}

/** Two real nodes that people use, and a real Prometheus that reads them by the shipped rules, shortened. */
export async function openStage({ clients, pauseMs }: StageOptions): Promise<Stage> {
  const undo: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const services: Services = await startServices();
    undo.push(() => services.stop());
    const sink = await openSmtpSink();
    undo.push(() => sink.close());
    const toMail = await openTcpProxy(sink.url);
    undo.push(() => toMail.close());
    const ports = [await freePort(), await freePort()];
    const world = await createWorld({
      services,
      clients,
      seed: 1,
      envOf: (node) => settings(toMail.url, ports[node] ?? 0),
      mostFilesOf: (node) => (node === 1 ? MOST_FILES : undefined),
    });
    undo.push(() => world.stop());
    const rules = await readFile(resolve(import.meta.dirname, '../../deploy/prometheus/rules.yml'), 'utf8');
    const prometheus = await startPrometheus({
      targets: ports.map((port) => `http://127.0.0.1:${port}/metrics`),
      rules: shortened(rules, (group) => (PROMISES.has(group) ? FACTORS.promises : FACTORS.others)),
    });
    undo.push(() => prometheus.stop());
    await Promise.all(world.devices.map((device) => device.start()));
    let traffic = startTraffic(world, pauseMs);
    undo.push(() => traffic.stop());
    undo.push(beginErrands(world));

    const runtime = new URL(services.databases.runtimeUrl);
    runtime.pathname = new URL(world.adminUrl).pathname;
    const connected = async (url: string) => {
      const client = new pg.Client({ connectionString: url });
      // PostgreSQL may be killed under it.
      client.on('error', () => {});
      await client.connect();
      return client;
    };
    return {
      ...world,
      prometheus,
      toMail,
      runtimeUrl: runtime.href,
      async silence() {
        await traffic.stop();
        return () => {
          traffic = startTraffic(world, pauseMs);
        };
      },
      async holding(...statements) {
        const client = await connected(world.adminUrl);
        for (const statement of ['begin', ...statements]) await client.query(statement);
        return async () => {
          await client.query('commit');
          await client.end();
        };
      },
      async asAdmin(...statements) {
        const client = await connected(world.adminUrl);
        for (const statement of statements) await client.query(statement);
        await client.end();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
