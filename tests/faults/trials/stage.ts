import { type HttpClient, httpClient } from '../../support/clients.ts';
import { expectStatus, signUp } from '../../support/people.ts';
import { spawnNodes } from '../../support/spawned-nodes.ts';
import type { Database } from '../../support/template.ts';
import { until } from '../../support/until.ts';
import { createDice } from '../../support/dice.ts';
import { type Circle, runBatch, type Stage } from './batch.ts';
import { judge, type Trial } from './judge.ts';

export type TrialsOptions = Readonly<{
  /** Of the caller, who drops it; one of their own otherwise. */
  database?: Database;
  seed: number;
  /** Circles that talk at the same time, and in each how many people are removed, and how many have their session revoked. */
  circles: number;
  ofEach: number;
}>;

export type Trials = Readonly<{
  /** At least so many trials of each kind, in batches; what is wrong with them, and with how many. */
  run: (count: number, boundMs: number, log?: (line: string) => void) => Promise<Readonly<{ trials: Trial[]; findings: string[] }>>;
  stopRedis: () => Promise<void>;
  close: () => Promise<void>;
}>;

const ADMIN = { email: 'owner@example.com', password: 'a password of the owner' };

export async function openTrials({ database, seed, circles: circleCount, ofEach }: TrialsOptions): Promise<Trials> {
  const cluster = await spawnNodes({
    ...(database && { database }),
    // Thousands of trials take longer than an access token lives by default.
    env: { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password, ACCESS_TOKEN_TTL: '86400' },
  });
  try {
    const urls = [cluster.nodes[0].url, cluster.nodes[1].url] as const;
    // Anew for each batch: sessions are minted by whoever has signed in within ten minutes.
    const signInAdmin = async (): Promise<HttpClient> => {
      const { accessToken: token } = expectStatus(await httpClient(urls[0]).call('POST', '/api/v1/auth/login', ADMIN), 200);
      return httpClient(urls[0], { token });
    };
    const random = createDice(seed);
    const circles: Circle[] = [];
    for (let at = 0; at < circleCount; at += 1) {
      const several = (name: string, count: number) =>
        Promise.all(Array.from({ length: count }, (_, nth) => signUp(urls[0], `${name}-${at}-${nth}`)));
      const talkers = [await signUp(urls[0], `owner-${at}`), await signUp(urls[0], `talker-${at}`)] as const;
      circles.push({ talkers, toRemove: await several('removed', ofEach), toRevoke: await several('revoked', ofEach) });
    }
    const stage: Omit<Stage, 'admin' | 'boundMs'> = { urls, circles, random };
    return {
      async run(count, boundMs, log = () => {}) {
        const trials: Trial[] = [];
        const findings: string[] = [];
        while (trials.length < 2 * count) {
          const batch = await runBatch({ ...stage, admin: await signInAdmin(), boundMs });
          trials.push(...batch);
          findings.push(...batch.flatMap((trial) => judge(trial, boundMs).map((what) => `${trial.kind}: ${what}`)));
          log(`${trials.length} of ${2 * count}, ${findings.length} findings`);
        }
        return { trials, findings };
      },
      async stopRedis() {
        await cluster.redis.kill();
        const isDegraded = async (url: string) =>
          (await httpClient(url).call('GET', '/health/ready')).body.checks.redis.status === 'degraded';
        await until(async () => (await Promise.all(urls.map(isDegraded))).every(Boolean), { what: 'the nodes to notice' });
      },
      close: () => cluster.stop(),
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
