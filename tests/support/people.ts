import { randomBytes } from 'node:crypto';
import {
  type HttpAnswer,
  type HttpClient,
  httpClient,
  plainClient,
  type SocketClient,
  type SocketOptions,
  socketIoClient,
} from './clients.ts';
import type { Payload } from './event-log.ts';

export type Name = 'alice' | 'bob' | 'carol' | 'dan';

/** Clients of one person at one server. */
type Clients = {
  http: HttpClient;
  socketIo(options?: Omit<NonNullable<Parameters<typeof socketIoClient>[1]>, 'token'>): ReturnType<typeof socketIoClient>;
  plain(options?: Omit<SocketOptions, 'token'>): ReturnType<typeof plainClient>;
  /** Both kinds of socket, for a table over them. */
  socket(transport: SocketClient['transport']): SocketClient;
};

/** Someone signed up, with clients that act as them. */
export type Person = Clients & {
  name: string;
  id: string;
  username: string;
  email: string;
  password: string;
  user: Payload;
  session: Payload;
  accessToken: string;
  refreshToken: string;
};

function clientsOf(baseUrl: string, token: string): Clients {
  const socketIo: Clients['socketIo'] = (options) => socketIoClient(baseUrl, { ...options, token });
  const plain: Clients['plain'] = (options) => plainClient(baseUrl, { ...options, token });
  return {
    http: httpClient(baseUrl, { token }),
    socketIo,
    plain,
    socket: (transport) => (transport === 'socket.io' ? socketIo() : plain()),
  };
}

/** The same person, whose clients use another node. */
export const atNode = (person: Person, baseUrl: string): Person => ({ ...person, ...clientsOf(baseUrl, person.accessToken) });

/** Signs someone up under a username that nobody had before, so that tests share a server without meeting. */
export async function signUp(baseUrl: string, name: string = 'alice', { clientKey }: { clientKey?: string } = {}): Promise<Person> {
  const username = `${name}-${randomBytes(5).toString('hex')}`;
  const email = `${username}@example.com`;
  const password = `a long password of ${username}`;
  const anonymous = httpClient(baseUrl, { ...(clientKey !== undefined && { clientKey }) });
  const { user, session, accessToken, refreshToken } = expectStatus(
    await anonymous.call('POST', '/api/v1/auth/signup', { username, email, password }),
    201,
  );
  return {
    name,
    id: user.id,
    username,
    email,
    password,
    user,
    session,
    accessToken,
    refreshToken,
    ...clientsOf(baseUrl, accessToken),
  };
}

/** The same person on another device: a session of its own. */
export async function signInAgain(baseUrl: string, person: Person): Promise<Person> {
  const { username, password } = person;
  const { session, accessToken, refreshToken } = expectStatus(
    await httpClient(baseUrl).call('POST', '/api/v1/auth/login', { username, password }),
    200,
  );
  return { ...person, session, accessToken, refreshToken, ...clientsOf(baseUrl, accessToken) };
}

/** The same with a minted session, which costs no time for hashing; `admin` administers the account. */
export async function mintSession(admin: HttpClient, person: Person, baseUrl: string): Promise<Person> {
  const minted = expectStatus(await admin.call('POST', `/api/v1/admin/users/${person.id}/tokens`), 201);
  return atNode({ ...person, ...minted }, baseUrl);
}

/** `const { alice, bob } = await signUpAll(url, 'alice', 'bob')` */
export async function signUpAll<N extends Name>(baseUrl: string, ...names: N[]): Promise<Record<N, Person>> {
  const people = await Promise.all(names.map(async (name) => [name, await signUp(baseUrl, name)] as const));
  return Object.fromEntries(people) as Record<N, Person>;
}

export async function openDirect(from: Person, to: Person): Promise<Payload> {
  return expectStatus(await from.http.call('POST', '/api/v1/conversations', { type: 'direct', userId: to.id }), 200, 201);
}

export async function openGroup(owner: Person, members: readonly Person[] = [], more: Record<string, unknown> = {}): Promise<Payload> {
  const input = { type: 'group', title: 'A group', memberIds: members.map(({ id }) => id), ...more };
  return expectStatus(await owner.http.call('POST', '/api/v1/conversations', input), 201);
}

/** The body, or an error that says what was answered instead. */
export function expectStatus({ status, body }: HttpAnswer, ...expected: number[]): Payload {
  if (!expected.includes(status)) throw new Error(`expected ${expected.join(' or ')}, was answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** The service says that it is away, and when to come back. */
export function expectUnavailable({ status, body, headers }: HttpAnswer): void {
  const isSaid = status === 503 && body.code === 'SERVICE_UNAVAILABLE' && Number(headers.get('retry-after')) > 0;
  if (!isSaid) throw new Error(`expected 503 with Retry-After, was answered ${status}: ${JSON.stringify(body)}`);
}
