import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { Counter } from '@coucou/application/ports/metrics';
import { createMetrics } from '@coucou/observability/metrics';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from '@coucou/application/kernel/operation';
import type { CurrentMembers, Following } from '@coucou/application/ports/current-members';
import type { AccessTokens } from '@coucou/application/ports/tokens';
import type { Announced } from '@coucou/application/ports/event-bus';
import type { Call } from '@coucou/application/kernel/call';
import { type Operation, operation } from '@coucou/contracts/kernel/operation';
import { text } from '@coucou/contracts/kernel/types';
import { authErrors } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import { asId, type AccountId, type ConversationId, type UserId } from '@coucou/domain/kernel/ids';
import { createCursors } from '@coucou/security/cursors';
import { createErrorBody } from '@coucou/application/kernel/error-body';
import { createExecute } from '@coucou/application/kernel/execute';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import { createConnections } from '@coucou/realtime/connections';
import { createEventBus } from '@coucou/runtime/event-bus';
import { createSchedules } from '@coucou/runtime/schedule';
import { createOriginPolicy } from '@coucou/security/origins';
import { createGateway } from '@coucou/realtime/gateway';
import type { Gateway, GatewayOptions } from '@coucou/realtime/gateway-options';
import { onTestFinished } from 'vitest';
import type { RawData, WebSocket } from 'ws';
import { z } from 'zod';
import { plainClient, type SocketClient, socketIoClient, type SocketOptions } from '../support/clients.ts';

// The server's own copy: the tests depend on the server, not on its libraries.
const fastify: () => GatewayOptions['http'] = createRequire(import.meta.resolve('@coucou/realtime/gateway'))('fastify');

export const account = asId<'account'>('acc') as AccountId;
export const conversationId = asId<'conversation'>('room') as ConversationId;
export const user = (name: string) => asId<'user'>(name) as UserId;

/** A token is `account:user:secondsItLives`. */
export const tokenOf = (name: string, { inAccount = 'acc', seconds = 600 } = {}) => `${inAccount}:${name}:${Date.now() + seconds * 1000}`;

const tokens: AccessTokens = {
  issue: async () => {
    throw new Error('not here');
  },
  verify: async (token) => {
    const [inAccount, name, expiry] = token.split(':');
    if (inAccount === undefined || name === undefined || expiry === undefined) throw errors.UNAUTHENTICATED();
    const expiresAt = new Date(Number(expiry));
    if (expiresAt.getTime() <= Date.now()) throw authErrors.TOKEN_EXPIRED();
    return {
      account: asId<'account'>(inAccount),
      actor: { userId: asId<'user'>(name), sessionId: asId<'session'>(`of-${name}`) },
      rotation: 0,
      expiresAt,
    };
  },
};

/** The database's truth about who is a member, with a switch to make it slow or fail. */
export class StubCurrentMembers implements CurrentMembers {
  accessVersion = 1;
  readonly members = new Set<string>();
  asked = 0;
  /** Runs after the answer was read and before it is given: what happens meanwhile. */
  meanwhile: (() => void | Promise<void>) | undefined;
  failures = 0;

  async #answer<T>(read: () => T): Promise<T> {
    this.asked += 1;
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('the database is away');
    }
    const answer = read();
    await this.meanwhile?.();
    return answer;
  }

  #followings(userId: UserId): Following[] {
    return this.members.has(userId)
      ? [{ conversationId, accessVersion: this.accessVersion, version: 0, receiptsVersion: 0, joinedVersion: 0 }]
      : [];
  }

  ofUser(_account: AccountId, userId: UserId) {
    return this.#answer(() => this.#followings(userId));
  }

  ofUsers(_account: AccountId, users: readonly UserId[]) {
    return this.#answer(() => new Map(users.map((userId) => [userId, this.#followings(userId)])));
  }

  present(_account: AccountId, _conversation: ConversationId, among: readonly UserId[]) {
    return this.#answer(() => ({
      accessVersion: this.accessVersion,
      joined: new Map(among.filter((id) => this.members.has(id)).map((id) => [id, 0])),
    }));
  }
}

const echo = operation({
  name: 'test.echo',
  summary: 'Gives back what it got.',
  socket: 'test:echo',
  access: 'user',
  input: z.strictObject({ text: text({ max: 5_000 }).default('nothing'), waitMs: z.int().optional() }),
  output: z.object({ text: z.string(), userId: z.string() }),
  errors: [],
});
const silent = operation({
  name: 'test.silent',
  summary: 'Answers nothing.',
  socket: 'test:silent',
  access: 'user',
  input: z.strictObject({}),
  errors: [],
});
const broken = operation({ name: 'test.broken', summary: 'Fails.', socket: 'test:broken', access: 'user', input: z.unknown(), errors: [] });

export type LogLine = Record<string, unknown>;
export type Said = { call: Call; text: string };

const operations = (said: Said[]): ReadyOperation<Operation>[] => [
  {
    operation: echo,
    run: async (input, call): Promise<Answer> => {
      const { text: word, waitMs } = input as { text: string; waitMs?: number };
      said.push({ call, text: word });
      if (waitMs !== undefined) await pause(waitMs);
      return { body: { text: word, userId: call.actor?.userId }, existing: false };
    },
  },
  { operation: silent, run: async () => ({ body: undefined, existing: false }) },
  {
    operation: broken,
    run: async () => {
      throw new Error('a secret of the inside');
    },
  },
];

const recorder = (logs: LogLine[]): GatewayOptions['log'] => {
  const at = (level: string) => (fields: object, msg: string) => logs.push({ level, msg, ...fields });
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), isLevelEnabled: () => true };
  return log as unknown as GatewayOptions['log'];
};

export type StubGateway = Readonly<{
  gateway: Gateway;
  refusedConnections: Counter;
  refusedStrangers: Counter;
  refusedHandshakes: Counter;
  /** Announces, as the rest of the server would. */
  tell: (announced: readonly Announced[]) => void;
  currentMembers: StubCurrentMembers;
  logs: LogLine[];
  said: Said[];
  port: number;
  url: string;
}>;

export async function startStubGateway(options: Partial<GatewayOptions> = {}): Promise<StubGateway> {
  const currentMembers = new StubCurrentMembers();
  const logs: LogLine[] = [];
  const said: Said[] = [];
  let ids = 0;
  const http = fastify();
  http.get('/health', async () => ({ ok: true }));
  const bus = createEventBus({ error: () => {} });
  const metrics = createMetrics();
  const refusedConnections = metrics.counter(catalogue.limitsRefused, { policy: 'connections' });
  const refusedStrangers = metrics.counter(catalogue.limitsRefused, { policy: 'unauthenticated' });
  const refusedHandshakes = metrics.counter(catalogue.limitsRefused, { policy: 'admission' });
  const gateway = createGateway({
    metrics,
    http,
    operations: operations(said),
    execute: createExecute({ validateOutput: true, cursors: createCursors('a secret'), roleOf: async () => 'member' }),
    tokens,
    accounts: { byClientKey: async (key) => (key === 'nobody' ? undefined : asId<'account'>(key)) },
    currentMembers,
    bus,
    connections: createConnections(),
    presence: { connected() {}, disconnected() {} },
    activity: { connected: () => () => {} },
    checks: { check: () => {}, onEnded: () => () => {} },
    errorBody: createErrorBody(),
    ids: { next: () => asId(`id-${(ids += 1)}`) },
    log: recorder(logs),
    epoch: 'epoch-1',
    transports: ['polling', 'websocket'],
    origins: createOriginPolicy(['local']),
    schedules: createSchedules({ error: () => {} }),
    trustProxy: [],
    maxPayload: 64 * 1024,
    authenticateTimeoutMs: 10_000,
    ...options,
  });
  await http.listen({ port: 0, host: '127.0.0.1' });
  const { port } = http.server.address() as AddressInfo;
  onTestFinished(async () => {
    await gateway.close({ timeoutMs: 200 });
    await http.close();
  });
  return {
    gateway,
    refusedConnections,
    refusedStrangers,
    refusedHandshakes,
    tell: (announced) => bus.publish(announced),
    currentMembers,
    logs,
    said,
    port,
    url: `http://127.0.0.1:${port}`,
  };
}

export const transports = ['socket.io', 'websocket'] as const;

export function clientOf(transport: (typeof transports)[number], url: string, options: SocketOptions = {}): SocketClient {
  const client = transport === 'socket.io' ? socketIoClient(url, options) : plainClient(url, options);
  onTestFinished(() => client.close());
  return client;
}

export async function connected(transport: (typeof transports)[number], { url }: StubGateway, name: string) {
  const client = clientOf(transport, url, { token: tokenOf(name) });
  await client.connect();
  return client;
}

/** With the library's socket, or the bare WebSocket, in reach. */
export const stockClient = (
  url: string,
  options: Parameters<typeof socketIoClient>[1] = {},
): SocketClient & Pick<ReturnType<typeof socketIoClient>, 'socket'> => socketIoClient(url, options);
export const bareClient = (url: string, options: SocketOptions = {}): SocketClient & { readonly socket: WebSocket } =>
  plainClient(url, options);

/** The text of a frame; `ws` gives it as a buffer. */
export const textOf = (data: RawData): string => (data as Buffer).toString();
