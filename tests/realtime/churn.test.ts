import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { bareClient, startStubGateway, stockClient, type StubGateway, tokenOf } from './stub-gateway.ts';

/** Connections that come and go; many more each night. */
const { CHURN_CONNECTIONS = '120' } = process.env;
const TOTAL = Number(CHURN_CONNECTIONS);
const AT_ONCE = 20;
/** Bytes that one connection may leave behind. What is kept by mistake is a socket at least, some kilobytes. */
const MOST_LEFT = 500;

/** The ways of coming and going: closed properly, cut off, refused, never signed in, upgraded. */
async function comeAndGo(server: StubGateway, n: number): Promise<void> {
  if (n % 5 === 0) {
    // Not one that the test keeps to close it at its end.
    const client = bareClient(server.url, { token: tokenOf(`user-${n % 50}`) });
    await client.connect();
    await client.call('test:echo', { text: 'hi' });
    return client.close();
  }
  const client = stockClient(server.url, {
    ...(n % 5 !== 1 && { token: n % 5 === 2 ? 'nonsense' : tokenOf(`user-${n % 50}`) }),
    transports: n % 5 === 3 ? ['polling', 'websocket'] : ['websocket'],
  });
  await client.connect().catch(() => {});
  if (n % 5 === 4) client.socket.io.engine.close();
  await client.close();
}

async function churn(server: StubGateway, connections: number): Promise<void> {
  for (let n = 0; n < connections; n += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => comeAndGo(server, n + i)));
  await until(() => Object.values(server.gateway.stats()).every((count) => count === 0), { what: 'the end of all connections' });
  server.logs.length = 0;
  server.said.length = 0;
}

test('connections that come and go leave nothing behind', async () => {
  const server = await startStubGateway({ authenticateTimeoutMs: 1_000 });
  for (let n = 0; n < 50; n += 1) server.currentMembers.members.add(`user-${n}`);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  // What grows once, such as caches and compiled code, has grown by then.
  await churn(server, TOTAL / 2);
  const before = heap();
  await churn(server, TOTAL);
  const left = (heap() - before) / TOTAL;
  // Of a few connections the rest of the process tells more than they do.
  expect(TOTAL < 5_000 ? 0 : left).toBeLessThan(MOST_LEFT);
});
