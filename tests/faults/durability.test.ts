import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { httpClient, plainClient, type SocketClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import type { Payload } from '../support/event-log.ts';
import { expectStatus, openDirect, type Person, signUpAll } from '../support/people.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import { until } from '../support/until.ts';

/** The real server in a process of its own, and what the night does to it and to its database. */

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step();
});

async function start(database?: Awaited<ReturnType<typeof createDatabase>>): Promise<SpawnedApp> {
  const server = await spawnTestApp(database ? { database } : {});
  undo.push(() => server.stop());
  return server;
}

async function realDatabase() {
  const database = await createDatabase();
  undo.push(() => database.drop());
  return database;
}

type Sent = Readonly<{ clientMessageId: string; content: string }>;

/** Sends without pause until told to stop; what was acknowledged, and what is in doubt. */
async function sendUntil(person: Person, conversationId: string, url: string, stop: () => boolean) {
  const socket: SocketClient = plainClient(url, { token: person.accessToken });
  await socket.connect();
  const acked = new Map<string, Payload>();
  const doubtful: Sent[] = [];
  for (let i = 0; !stop(); i += 1) {
    const message = { clientMessageId: randomUUID(), content: `${person.name} ${i}` };
    const result = await socket.call('message:send', { conversationId, ...message }).catch(() => undefined);
    if (result?.ok) acked.set(message.clientMessageId, result.data);
    else {
      doubtful.push(message);
      if (result === undefined) break;
    }
  }
  await socket.close();
  return { acked, doubtful };
}

async function history(person: Person, url: string, conversationId: string): Promise<Payload[]> {
  const http = httpClient(url, { token: person.accessToken });
  const all: Payload[] = [];
  for (let after = 0; ; ) {
    const page = expectStatus(await http.call('GET', `/api/v1/conversations/${conversationId}/messages?limit=100&after=${after}`), 200);
    all.push(...page.items);
    if (!page.hasAfter) return all;
    after = all.at(-1).seq;
  }
}

function expectComplete(messages: readonly Payload[], acked: ReadonlyMap<string, Payload>): void {
  expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));
  const stored = new Map(messages.map((message) => [message.clientMessageId, message]));
  expect(stored.size).toBe(messages.length);
  for (const [id, message] of acked) expect(stored.get(id)).toEqual(message);
}

describe.each([
  ['the embedded database', undefined],
  ['PostgreSQL', realDatabase],
] as const)('a server on %s', (_, database) => {
  it('killed in the middle of sends has every acknowledged message, once, and takes the others again', async () => {
    const server = await start(await database?.());
    const { alice, bob } = await signUpAll(server.url, 'alice', 'bob');
    const { id } = await openDirect(alice, bob);

    let acknowledged = 0;
    let killed = false;
    const senders = [alice, bob].map((person) => sendUntil(person, id, server.url, () => ((acknowledged += 1), killed)));
    await until(() => acknowledged > 120, { what: 'enough messages' });
    await server.kill('SIGKILL');
    killed = true;
    const outcomes = await Promise.all(senders);
    const acked = new Map(outcomes.flatMap((outcome) => [...outcome.acked]));
    expect(acked.size).toBeGreaterThan(50);

    await server.restart();
    expectComplete(await history(alice, server.url, id), acked);

    for (const [index, person] of [alice, bob].entries()) {
      const http = httpClient(server.url, { token: person.accessToken });
      for (const message of outcomes[index]?.doubtful ?? []) {
        const again = await http.call('POST', `/api/v1/conversations/${id}/messages`, message);
        acked.set(message.clientMessageId, expectStatus(again, 200, 201));
      }
    }
    expectComplete(await history(bob, server.url, id), acked);
  });
});

describe('a server whose backends are terminated', () => {
  it('lives on, and stores what it acknowledges once', async () => {
    const database = await realDatabase();
    const server = await start(database);
    const { alice, bob } = await signUpAll(server.url, 'alice', 'bob');
    const { id } = await openDirect(alice, bob);

    const other = new pg.Client({ connectionString: database.url });
    await other.connect();
    undo.push(() => other.end());
    let calls = 0;
    let over = false;
    const senders = [alice, bob].map((person) => sendUntil(person, id, server.url, () => ((calls += 1), over)));
    for (let round = 1; round <= 8; round += 1) {
      const goal = calls + 20;
      await until(() => calls >= goal, { what: 'sends between two terminations' });
      await other.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name = 'coucou'`,
      );
    }
    over = true;
    const outcomes = await Promise.all(senders);
    const acked = new Map(outcomes.flatMap((outcome) => [...outcome.acked]));
    expect(acked.size).toBeGreaterThan(100);
    expectComplete(await history(alice, server.url, id), acked);
    expect(server.logs().filter(({ level }) => level === 'fatal' || level === 60)).toEqual([]);
  });
});
