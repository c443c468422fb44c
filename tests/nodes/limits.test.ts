import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient, type SocketClient } from '../support/clients.ts';
import { atNode, expectStatus, openDirect, type Person, signUp, signUpAll } from '../support/people.ts';
import { type SpawnedNodes, spawnNodes } from '../support/spawned-nodes.ts';
import { until } from '../support/until.ts';

/** Two processes on one database and one Redis. Windows of an hour: nothing comes back while the test runs. */
const MESSAGES = 20;
const REQUESTS = 100;
const SYSTEM_KEY = 'the-system-key-of-this-test-0123456789';
let cluster: SpawnedNodes;
beforeAll(async () => {
  cluster = await spawnNodes({ env: { LIMIT_USER_MESSAGES: `${MESSAGES}/3600`, LIMIT_REST: `${REQUESTS}/3600`, SYSTEM_KEY } });
});
afterAll(() => cluster?.stop());

/** Somebody with a direct conversation and a socket at each node. */
async function talker() {
  const [here, there] = cluster.nodes;
  const { alice, bob } = await signUpAll(here.url, 'alice', 'bob');
  const { id: conversationId } = await openDirect(alice, bob);
  const sockets = [atNode(alice, here.url).socket('socket.io'), atNode(alice, there.url).socket('websocket')] as const;
  for (const socket of sockets) await socket.connect();
  const send = async (socket: SocketClient) => {
    const result = await socket.call('message:send', { conversationId, content: 'hello' });
    return result.ok ? 'sent' : result.error.code;
  };
  /** All at once, at the nodes in turn; answers how many were sent at each. */
  const sendMany = async (times: number): Promise<number[]> => {
    const outcomes = await Promise.all(Array.from({ length: times }, (_, at) => send(sockets[at % 2] as SocketClient)));
    expect(outcomes.filter((outcome) => outcome !== 'sent' && outcome !== 'RATE_LIMITED')).toEqual([]);
    return [0, 1].map((node) => outcomes.filter((outcome, at) => at % 2 === node && outcome === 'sent').length);
  };
  return { alice, sendMany, close: () => Promise.all(sockets.map((socket) => socket.close())) };
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
const redisIs = (person: Person, status: string) =>
  until(
    async () => {
      const healths = await Promise.all(cluster.nodes.map(({ url }) => atNode(person, url).http.call('GET', '/health/ready')));
      return healths.every(({ body }) => body.checks.redis.status === status);
    },
    { what: `Redis to be ${status}` },
  );

describe('the limits of two nodes', () => {
  it('hold in sum within ten per cent: messages', async () => {
    const { sendMany, close } = await talker();
    const sent = sum(await sendMany(4 * MESSAGES));
    expect(sent).toBeGreaterThanOrEqual(MESSAGES);
    expect(sent).toBeLessThanOrEqual(MESSAGES * 1.1);
    expect(sum(await sendMany(4))).toBe(0);
    await close();
  });

  it('hold in sum within ten per cent: requests', async () => {
    const [here, there] = cluster.nodes;
    const { carol } = await signUpAll(here.url, 'carol');
    const nodes = [atNode(carol, here.url), atNode(carol, there.url)] as const;
    const answers = await Promise.all(
      Array.from({ length: 3 * REQUESTS }, (_, at) => (nodes[at % 2] as Person).http.call('GET', '/api/v1/auth/me')),
    );
    const answered = answers.filter(({ status }) => status === 200).length;
    expect(answered).toBeGreaterThanOrEqual(REQUESTS);
    expect(answered).toBeLessThanOrEqual(REQUESTS * 1.1);
    expect(answers.filter(({ status }) => status === 429).length).toBe(3 * REQUESTS - answered);
  });

  it('of an account hold in sum on both nodes, and answers report them', async () => {
    const [here, there] = cluster.nodes;
    const operator = httpClient(here.url, { token: SYSTEM_KEY });
    const clientKey = 'granted';
    expectStatus(await operator.call('POST', '/api/v1/system/accounts', { name: 'Granted', clientKey }), 201);
    const [alice, bob] = [await signUp(here.url, 'alice', { clientKey }), await signUp(here.url, 'bob', { clientKey })];
    const { id: conversationId } = await openDirect(alice, bob);
    const nodes = [alice, atNode(alice, there.url)] as const;
    const granted = { userMessages: [{ limit: 60, windowSeconds: 3_600 }], rest: [{ limit: 400, windowSeconds: 3_600 }] };
    const put = () => operator.call('PUT', `/api/v1/system/accounts/${clientKey}/limits`, granted);
    expect(expectStatus(await put(), 200)).toMatchObject({ own: granted, inForce: granted });
    await until(
      async () => {
        const policies = await Promise.all(nodes.map(({ http }) => http.call('GET', '/api/v1/auth/me')));
        return policies.every(({ headers }) => headers.get('ratelimit-policy') === '"rest";q=400;w=3600');
      },
      { what: 'the limits of the account at both nodes' },
    );
    const answers = await Promise.all(
      Array.from({ length: 120 }, (_, at) =>
        (nodes[at % 2] as Person).http.call('POST', `/api/v1/conversations/${conversationId}/messages`, { content: 'hello' }),
      ),
    );
    const sent = answers.filter(({ status }) => status === 201).length;
    expect(sent).toBeGreaterThanOrEqual(60);
    expect(sent).toBeLessThanOrEqual(66);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'RATE_LIMITED', details: { policy: 'user-messages', limit: 60, window: 3_600 } });
    expect(refused?.headers.get('ratelimit-policy')).toContain('"user-messages";q=60;w=3600');
    // The other accounts are as they were.
    const { alice: other } = await signUpAll(here.url, 'alice');
    expect((await other.http.call('GET', '/api/v1/auth/me')).headers.get('ratelimit-policy')).toBe(`"rest";q=${REQUESTS};w=3600`);
  });

  it('hold for each node while Redis is stopped, from where they stood, and together again afterwards', async () => {
    const [spent, fresh] = [await talker(), await talker()];
    expect(sum(await spent.sendMany(2 * MESSAGES))).toBeGreaterThanOrEqual(MESSAGES);
    await cluster.redis.kill('SIGKILL');
    await redisIs(spent.alice, 'degraded');
    expect(sum(await spent.sendMany(4))).toBe(0);
    expect(await fresh.sendMany(4 * MESSAGES)).toEqual([MESSAGES, MESSAGES]);
    await cluster.redis.restart();
    await redisIs(spent.alice, 'up');
    // Redis came back empty: what the nodes remember is what it knows.
    expect(sum(await fresh.sendMany(4))).toBe(0);
    const { sendMany, close } = await talker();
    const sent = sum(await sendMany(4 * MESSAGES));
    expect(sent).toBeGreaterThanOrEqual(MESSAGES);
    expect(sent).toBeLessThanOrEqual(MESSAGES * 1.1);
    await Promise.all([close(), spent.close(), fresh.close()]);
  });
});
