import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type App, createApp } from '@coucou/server/app';
import { loadConfig } from '@coucou/server/config';
import { migratedImage } from './image.ts';
import { type EnvironmentOptions, environment } from './environment.ts';
import { privateDirectory } from './machine.ts';

export type ListeningApp = {
  readonly url: string;
  /** Where `/metrics` is, if it is served. */
  readonly metricsUrl: string | undefined;
  readonly app: App;
  /** Waits until the outbox and all work in flight are done: what tests do instead of sleeping. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

export type AppOptions = EnvironmentOptions & {
  /** Ports that replace real ones: a clock, a failing mailer … */
  overrides?: Parameters<typeof createApp>[1];
};

/** The real server in this process, on a free port: on a copy of the migrated image without `database`, with one node's adapters without `redisUrl`. */
export async function startTestApp({ overrides, ...options }: AppOptions = {}): Promise<ListeningApp> {
  const directory = await privateDirectory('app');
  try {
    const config = loadConfig({ DATA_DIR: path.join(directory, 'data'), LOG_LEVEL: 'error', ...environment(options) });
    const embedded = config.database.kind === 'embedded' ? { load: await migratedImage() } : undefined;
    const app = await createApp(config, { ...overrides, ...(embedded && { embedded }) });
    const { url, metricsUrl } = await app.listen();
    return {
      url,
      metricsUrl,
      app,
      settled: () => app.settled(),
      async close() {
        await app.close();
        await rm(directory, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}
