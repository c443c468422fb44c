import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Pair } from '../load/fleet.ts';
import { nothing } from '../load/ledger.ts';
import type { LoadPhase } from '../load/load.ts';
import type { AppendAnswer, AppendOrder } from './append.ts';
import { type Contestant, createDatabase, type Setting } from './contestants.ts';
import { ServerProcess } from './start.ts';

/** Limits stay on, as in production, and are set so high that none is ever reached. */
const HIGH = '9999999/60';

/** The product as it is started in production, with one node and no Redis, and its people signed up over HTTP. */
export async function startProduct({ databaseUrl, conversations, nodeOptions }: Setting): Promise<Contestant> {
  const url = await createDatabase(databaseUrl, 'product');
  const server = await startServer(url, nodeOptions);
  try {
    return { name: 'product', server, pairs: await openPairs(server.url, conversations), numbered: true, databaseUrl: url };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The product's append function without the product, in a database that the product has made and left. */
export async function startAppend({ databaseUrl, conversations }: Setting): Promise<Contestant> {
  const url = await createDatabase(databaseUrl, 'append');
  const product = await startServer(url, []);
  try {
    // The function looks at one conversation and one membership at a time: whether the same people meet again is all one.
    const all = await signUpAll(product.url, Math.ceil(Math.sqrt(2 * conversations)) + 1);
    const everyTwo = all.flatMap((one, at) => all.slice(at + 1).map((other) => [one, other]));
    for (const [one, other] of everyTwo.slice(0, conversations)) await openDirect(product.url, one, other);
  } finally {
    await product.stop();
  }
  const server = await ServerProcess.start(new URL('./append.ts', import.meta.url), { DATABASE_URL: url });
  return { name: 'append', server, pairs: [], numbered: false, databaseUrl: url, drive: (plan) => drive(server, plan) };
}

async function drive(server: ServerProcess, { seconds, inFlight }: AppendOrder): Promise<LoadPhase> {
  const { stored, other, seconds: took } = await server.ask<AppendAnswer>({ seconds, inFlight });
  return {
    counts: { ...nothing(), sent: stored + other, acked: stored, delivered: stored, refused: other },
    seconds: took,
    samples: { ack: new Float64Array(), delivery: new Float64Array(), both: new Float64Array() },
    firstRefusal: other === 0 ? undefined : 'another status than stored',
    cpuMicros: 0,
    generatorShare: 0,
  };
}

/** Direct conversations of two new people each. */
export async function openPairs(url: string, conversations: number): Promise<Pair[]> {
  const all = await signUpAll(url, conversations * 2);
  const pairs: Pair[] = [];
  for (let at = 0; at < conversations; at += 1) pairs.push(await openDirect(url, all[2 * at], all[2 * at + 1]));
  return pairs;
}

/** Whom `openPairsByKey` begins as: ADMIN_EMAIL and ADMIN_PASSWORD of the server. */
export type FirstOwner = Readonly<{ email: string; password: string }>;

/** The same with people whom an API key makes and signs in: without hashing, so that there may be thousands. */
export async function openPairsByKey(url: string, { email, password }: FirstOwner, conversations: number): Promise<Pair[]> {
  const make = await peopleByKey(url, { email, password });
  return severalAtOnce(conversations, async (at) => openDirect(url, await make(2 * at), await make(2 * at + 1)));
}

/** Groups of so many new people, each group with as many conversations of all of them. Answers what each says in the handshake. */
export async function openGroupsByKey(url: string, owner: FirstOwner, groups: number, size: number): Promise<string[]> {
  const opened = await openGroups(url, owner, { groups, size, conversations: size });
  return opened.flatMap(({ members }) => members.map(({ auth }) => auth));
}

export type Member = Readonly<{ id: string; token: string; auth: string }>;
/** People with conversations of all of them. */
export type Group = Readonly<{ members: readonly Member[]; conversationIds: readonly string[] }>;

export async function openGroups(
  url: string,
  owner: FirstOwner,
  { groups, size, conversations }: Readonly<{ groups: number; size: number; conversations: number }>,
): Promise<Group[]> {
  const make = await peopleByKey(url, owner);
  const people = await severalAtOnce(groups * size, async (at): Promise<Member> => {
    const person = await make(at);
    return { ...person, auth: JSON.stringify({ token: person.token }) };
  });
  const membersOf = (group: number) => people.slice(group * size, (group + 1) * size);
  const ids = await severalAtOnce(groups * conversations, (at) => openGroup(url, at, membersOf(Math.floor(at / conversations))));
  return Array.from({ length: groups }, (_, group) => ({
    members: membersOf(group),
    conversationIds: ids.slice(group * conversations, (group + 1) * conversations),
  }));
}

/** Initial members, and additions, of one call. */
const MEMBERS_AT_ONCE = 100;

/** Members own it in turn, since one person may own so many only. */
export async function openGroup(url: string, number: number, members: readonly Member[]): Promise<string> {
  const creator = members[number % members.length];
  if (creator === undefined) throw new Error('a group without members');
  const others = members.flatMap(({ id }) => (id === creator.id ? [] : [id]));
  const body = { type: 'group', title: `Group ${number}`, memberIds: others.slice(0, MEMBERS_AT_ONCE) };
  const { id } = await post<{ id: string }>(url, '/conversations', body, creator.token);
  for (let at = MEMBERS_AT_ONCE; at < others.length; at += MEMBERS_AT_ONCE)
    await post(url, `/conversations/${id}/members`, { userIds: others.slice(at, at + MEMBERS_AT_ONCE) }, creator.token);
  return id;
}

/** So many messages into each conversation of each group, as `conversation/seq`. */
export function postMessages(url: string, groups: readonly Group[], each: number): Promise<string[][]> {
  return severalAtOnce(groups.length, async (at) => {
    const { members = [], conversationIds = [] } = groups[at] ?? {};
    const posted: string[] = [];
    for (const id of conversationIds)
      for (let message = 0; message < each; message += 1) {
        const body = { clientMessageId: randomUUID(), content: 'missed' };
        const { seq } = await post<{ seq: number }>(url, `/conversations/${id}/messages`, body, members[0]?.token);
        posted.push(`${id}/${seq}`);
      }
    return posted;
  });
}

async function peopleByKey(url: string, { email, password }: FirstOwner): Promise<(number: number) => Promise<Person>> {
  const { accessToken: owner } = await post<{ accessToken: string }>(url, '/auth/login', { email, password });
  const { key } = await post<{ key: string }>(url, '/admin/api-keys', { name: 'bench', scopes: ['users:write', 'tokens:mint'] }, owner);
  // A server may be given people more than once.
  const run = randomBytes(4).toString('hex');
  return async (number) => {
    const { id } = await post<{ id: string }>(url, '/admin/users', { username: `bench_${run}_${number}` }, key);
    const { accessToken } = await post<{ accessToken: string }>(url, `/admin/users/${id}/tokens`, undefined, key);
    return { id, token: accessToken };
  };
}

export async function severalAtOnce<T>(count: number, make: (at: number) => Promise<T>): Promise<T[]> {
  const made: T[] = [];
  let started = 0;
  const next = async () => {
    for (let at = started++; at < count; at = started++) made[at] = await make(at);
  };
  await Promise.all(Array.from({ length: 16 }, next));
  return made;
}

const OWN_ENTRY = new URL(import.meta.resolve('@coucou/server/main'));

type ServerOptions = Readonly<{
  /** `apps/server/src/main.ts` of another checkout, where one is compared. */
  entry?: URL;
  /** Environment variables that are added to those of every scenario, or override them. */
  settings?: NodeJS.ProcessEnv;
}>;

/** A server in production mode on a database that it has made. */
export async function startServer(
  databaseUrl: string,
  nodeOptions: readonly string[],
  { entry = OWN_ENTRY, settings = {} }: ServerOptions = {},
): Promise<ServerProcess> {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'coucou-bench-'));
  const limits = ['REST', 'LOGIN', 'SIGNUP', 'SOCKET_EVENTS', 'USER_MESSAGES', 'CONVERSATION_MESSAGES', 'FILES', 'HANDSHAKES'];
  const env = {
    DATABASE_URL: databaseUrl,
    DATABASE_OWNER_URL: databaseUrl,
    // Not the one of the machine: it would add a bus that the scenario does not have.
    REDIS_URL: undefined,
    NODE_ENV: 'production',
    // One login for everything: what is measured is the same.
    ALLOW_OWNER_LOGIN: '1',
    DATA_DIR: dataDirectory,
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_LEVEL: 'info',
    LOG_FORMAT: 'json',
    SECRET_KEY: randomBytes(32).toString('hex'),
    ACCESS_TOKEN_TTL: '7200',
    ...Object.fromEntries(limits.map((name) => [`LIMIT_${name}`, HIGH])),
    LIMIT_CONNECTIONS: '1000000,1000000',
    LIMIT_UNAUTHENTICATED: '1000000,1000000',
    ...settings,
  };
  // Outside production a server brings the schema up to date itself; in production it checks less of what it answers.
  const clean = () => rm(dataDirectory, { recursive: true, force: true });
  try {
    await (await ServerProcess.start(entry, { ...env, NODE_ENV: 'development' })).stop();
    const server = await ServerProcess.start(entry, env, nodeOptions);
    server.afterwards(clean);
    return server;
  } catch (error) {
    await clean();
    throw error;
  }
}

interface Person {
  id: string;
  token: string;
}

async function signUpAll(url: string, people: number): Promise<Person[]> {
  const all: Person[] = [];
  // A few at a time, for passwords are hashed slowly on purpose.
  while (all.length < people) {
    const next = [0, 1, 2, 3].map((at) => signUp(url, all.length + at));
    all.push(...(await Promise.all(next)));
  }
  return all;
}

/** A direct conversation of two people. */
export async function openDirect(url: string, sender: Person | undefined, peer: Person | undefined): Promise<Pair> {
  if (!sender || !peer) throw new Error('too few people signed up');
  const { id } = await post<{ id: string }>(url, '/conversations', { type: 'direct', userId: peer.id }, sender.token);
  return { conversationId: id, sender: JSON.stringify({ token: sender.token }), peer: JSON.stringify({ token: peer.token }) };
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

/** A server that is too busy says when to ask again; what is set up is no load that a benchmark wants refused. */
const ASKED_AT_MOST = 30;

export async function post<T>(url: string, route: string, body: unknown, token?: string): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`${url.replace(/\/$/, '')}/api/v1${route}`, {
      method: 'POST',
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as T;
    const retryAfter = Number(response.headers.get('retry-after'));
    if (response.status !== 503 || !(retryAfter > 0) || attempt === ASKED_AT_MOST)
      throw new Error(`POST ${route} answered ${response.status}: ${text}`);
    await pause(retryAfter * 1_000);
  }
}
