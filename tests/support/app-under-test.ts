import type { EnvironmentOptions } from './environment.ts';
import { findHaproxy, startHaproxy } from './haproxy.ts';
import { startTestApp } from './listening-app.ts';
import { behind } from './load-balancing.ts';
import { spawnNodes } from './spawned-nodes.ts';
import type { Database } from './template.ts';

/**
 * What the end-to-end suites run against: the server in this process, or, as `E2E_BEHIND` says, three processes behind a load balancer that gives each request
 * and each WebSocket to the next of them (`haproxy`), or keeps a client that has cookies at its node (`haproxy-sticky`).
 */
export type AppUnderTest = Readonly<{ url: string; close: () => Promise<void> }>;

export async function startAppUnderTest({
  database,
  redisUrl,
  env,
}: Omit<EnvironmentOptions, 'database'> & { database?: Database } = {}): Promise<AppUnderTest> {
  if (behind === undefined) return startTestApp({ database, redisUrl, ...(env && { env }) });
  const binaries = findHaproxy();
  if (binaries === undefined) throw new Error('E2E_BEHIND needs haproxy (Debian: apt-get install haproxy)');
  const cluster = await spawnNodes({ nodes: 3, ...(database && { database }), env: { TRUST_PROXY: '127.0.0.1', ...env } });
  try {
    const nodes = cluster.nodes.map(({ url }) => url);
    const proxy = await startHaproxy({ binaries, nodes, isSticky: behind === 'haproxy-sticky' });
    return {
      url: proxy.url,
      async close() {
        await proxy.stop();
        await cluster.stop();
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
