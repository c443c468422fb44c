import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { scrape } from '../observability/scrape.ts';
import { type SpawnedApp, spawnTestApp, type SpawnOptions } from '../support/spawned-app.ts';
import type { Figures } from './judge.ts';

/** A node that answers what it holds. */
export type SoakNode = Readonly<{
  app: SpawnedApp;
  /** After a full collection. */
  figures: () => Promise<Figures>;
}>;

const PROBE = pathToFileURL(path.resolve(import.meta.dirname, 'probe.mjs')).href;
const METRICS_TOKEN = 'soak-metrics-token-of-32-characters';

export type SoakNodeOptions = SpawnOptions &
  Readonly<{
    /** Where the socket is made at which it answers. */
    probe: string;
    /** A module that is loaded before the node. */
    preload: string | undefined;
  }>;

export async function startSoakNode({ probe, preload, env, ...options }: SoakNodeOptions): Promise<SoakNode> {
  const imports = [PROBE, ...(preload === undefined ? [] : [pathToFileURL(preload).href])].map((module) => `--import ${module}`);
  const app = await spawnTestApp({
    ...options,
    env: { ...env, METRICS_TOKEN, SOAK_PROBE: probe, NODE_OPTIONS: ['--expose-gc', ...imports].join(' ') },
  });
  return {
    app,
    async figures() {
      const { sum } = await scrape(`${app.url}/metrics`, METRICS_TOKEN);
      return {
        ...(JSON.parse(await text(connect(probe))) as Figures),
        sockets: sum('coucou_sockets'),
        unauthenticated: sum('coucou_unauthenticated_connections'),
        connectedUsers: sum('coucou_connected_users'),
        databaseConnections: sum('coucou_database_connections'),
        databaseWaiting: sum('coucou_database_waiting'),
        appendsWaiting: sum('coucou_message_appends_waiting'),
        outboxDue: sum('coucou_outbox_due_events'),
        deadLetters: sum('coucou_outbox_dead_letters'),
        jobsWaiting: sum('coucou_queue_waiting_jobs'),
        jobsRunning: sum('coucou_queue_running_jobs'),
        cachedMiB: sum('coucou_answer_cache_bytes') / 1024 ** 2,
      };
    },
  };
}
