import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
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
