import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { createConnections } from './connections.ts';
import { NoSessionError } from './errors.ts';
import { createPgPool } from './pg-pool.ts';
import type { SessionPool } from './session.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** A server that accepts connections and closes them at once. */
async function fullServer() {
  let attempts = 0;
  const server = createServer((socket) => {
    attempts += 1;
    socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(() => server.close());
  return { url: `postgres://someone@127.0.0.1:${(server.address() as AddressInfo).port}/none`, attempts: () => attempts };
}

const fails = (pool: SessionPool) => expect(pool.use(async () => {})).rejects.toBeInstanceOf(NoSessionError);

it('makes one attempt at a time while connecting fails, whatever the number of calls and pools', async () => {
  const { url, attempts } = await fullServer();
  const connections = createConnections();
  const pools = [createPgPool({ url, max: 8, connections }), createPgPool({ url, max: 2, connections })] as const;
  closing.push(() => Promise.all(pools.map((pool) => pool.end())));
  await fails(pools[0]);
  const before = attempts();
  await Promise.all(Array.from({ length: 100 }, (_, at) => fails(pools[at % 2 === 0 ? 0 : 1])));
  // More than one only where this takes longer than the pause between two.
  expect(attempts() - before).toBeLessThan(20);
});

// AuthenticationOk, ReadyForQuery; NoticeResponse without fields.
const WELCOME = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);
const NOTICE = Buffer.from([0x4e, 0, 0, 0, 5, 0]);

it('takes a server for alive that answers on one connection while another ends', async () => {
  const peers: Socket[] = [];
  const server = createServer((socket) => {
    peers.push(socket.on('error', () => {}));
    socket.once('data', () => socket.write(WELCOME));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(() => server.close());
  const { Client, doubt } = createConnections();
  const { port } = server.address() as AddressInfo;
  const open = async () => {
    const client = new Client({ host: '127.0.0.1', port, user: 'someone' });
    await new Promise((resolve) => client.connect(resolve));
    return client;
  };
  const [leaving, staying] = [await open(), await open()];
  let ended: Error | undefined;
  staying.on('error', (error) => void (ended = error));
  const isStillSilent = doubt();
  const noticed = once(staying, 'notice');
  peers[1]?.write(NOTICE);
  await Promise.all([noticed, leaving.end()]);
  isStillSilent();
  await new Promise(setImmediate);
  expect(ended).toBeUndefined();
  await staying.end();
});
