import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Pair } from '../load/fleet.ts';
import { type Contestant, createDatabase, type Setting } from './contestants.ts';
import { ServerProcess } from './start.ts';

/** Limits stay on, as in production, and are set so high that none is ever reached. */
const HIGH = '100000000/60';

/** The product as it is started in production, with one node and no Redis, and its people signed up over HTTP. */
export async function startProduct({ databaseUrl, conversations, nodeOptions }: Setting): Promise<Contestant> {
  const url = await createDatabase(databaseUrl, 'product');
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'coucou-bench-'));
  const limits = ['REST', 'LOGIN', 'SIGNUP', 'SOCKET_EVENTS', 'USER_MESSAGES', 'CONVERSATION_MESSAGES', 'CONNECTIONS'];
  const env = {
    DATABASE_URL: url,
    DATABASE_OWNER_URL: url,
    // Not the one of the machine: it would add a bus that the scenario does not have.
    REDIS_URL: undefined,
    NODE_ENV: 'production',
    DATA_DIR: dataDirectory,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
    SECRET_KEY: randomBytes(32).toString('hex'),
    ACCESS_TOKEN_TTL: '7200',
    ...Object.fromEntries(limits.map((name) => [`LIMIT_${name}`, HIGH])),
  };
  const server = await ServerProcess.start(new URL(import.meta.resolve('@coucou/server/main')), env, nodeOptions);
  server.afterwards(() => rm(dataDirectory, { recursive: true, force: true }));
  try {
    return { name: 'product', server, pairs: await people(server.url, conversations), numbered: true };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

interface Person {
  id: string;
  token: string;
}

async function people(url: string, conversations: number): Promise<Pair[]> {
  const all: Person[] = [];
  // A few at a time, for passwords are hashed slowly on purpose.
  while (all.length < conversations * 2) {
    const next = [0, 1, 2, 3].map((at) => signUp(url, all.length + at));
    all.push(...(await Promise.all(next)));
  }
  const pairs: Pair[] = [];
  for (let at = 0; at < conversations; at += 1) {
    const [sender, peer] = [all[2 * at], all[2 * at + 1]];
    if (!sender || !peer) throw new Error('too few people signed up');
    const { id } = await post<{ id: string }>(url, '/conversations', { type: 'direct', userId: peer.id }, sender.token);
    pairs.push({ conversationId: id, sender: JSON.stringify({ token: sender.token }), peer: JSON.stringify({ token: peer.token }) });
  }
  return pairs;
}

async function signUp(url: string, number: number): Promise<Person> {
  const username = `bench_${number}`;
  const session = await post<{ user: { id: string }; accessToken: string }>(url, '/auth/signup', {
    username,
    email: `${username}@example.com`,
    password: randomBytes(18).toString('base64url'),
  });
  return { id: session.user.id, token: session.accessToken };
}

async function post<T>(url: string, route: string, body: unknown, token?: string): Promise<T> {
  const response = await fetch(`${url.replace(/\/$/, '')}/api/v1${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`POST ${route} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}
