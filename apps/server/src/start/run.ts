import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '@coucou/observability/logger';
import closeWithGrace from 'close-with-grace';
import { type App, createApp } from '../app.ts';
import { CompositionError } from '../composition/catalogue.ts';
import { type Config, loadProcessConfig } from '../config.ts';
import { ConfigError } from '../config/config-error.ts';
import { pnpmCommand } from '../config/own-command.ts';
import { type ErrorReports, openErrorReports } from './error-reports.ts';
import { openBrowser } from './open-browser.ts';
import { openLog } from './open-log.ts';
import type { StartOptions } from './options.ts';
import { lowerPoolPriority } from './pool-priority.ts';
import { banner } from './ready.ts';
import { writeAddress } from './server-address.ts';
import { StartError } from './start-error.ts';
import { type Undo, unwind } from './undo.ts';

/** Timeout of a shutdown; then the process exits. With the log it is 15 s at most. */
const STOP_WITHIN_MS = 14_000;
/** How long the last entries of the log may take. */
const LOG_WITHIN_MS = 1_000;

/** Starts the server, and shuts it down gracefully. */
export async function run(options: StartOptions): Promise<void> {
  let log: Logger | undefined;
  let reports: ErrorReports | undefined;
  try {
    const config = loadProcessConfig();
    reports = await openErrorReports(config);
    log = openLog(config, reports?.report);
    // Until the server is ready, signals keep their default action, which ends the process at once: there is no client to notify, and start-up steps can be repeated.
    const app = await createApp(config, { log, demo: options.demo });
    const published: Undo = [];
    endWell(app, published, log, reports);
    await ready(app, config, options, published);
  } catch (error) {
    await failToStart(error, log, reports);
  }
}

async function ready(app: App, config: Config, { open }: StartOptions, published: Undo): Promise<void> {
  const { url, metricsUrl } = await app.listen().catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  await publishAddress(app, config, url, published);
  lowerPoolPriority(app.log);
  app.log.info({ url, ...(metricsUrl !== undefined && { metricsUrl }) }, 'ready');
  const { stdout } = process;
  const text = () => banner({ config, url, command: pnpmCommand, isOpened: open, stream: stdout });
  // After the line above, which waits for others.
  if (config.log.format === 'pretty') app.log.flush(() => stdout.write(text()));
  if (open) openBrowser(`${config.publicUrl ?? url}/`);
}

/** Commands then need no --url. Production on PostgreSQL may have no data directory, and its people use the address that is published. */
async function publishAddress({ log }: App, { dataDir, database, mode }: Config, url: string, published: Undo): Promise<void> {
  if (mode === 'production' && database.kind === 'postgres') return;
  try {
    published.push(await writeAddress(dataDir, url));
  } catch (err) {
    log.warn({ err }, 'the address of this server could not be written into DATA_DIR: commands need --url');
  }
}

function endWell(app: App, published: Undo, log: Logger, reports: ErrorReports | undefined): void {
  closeWithGrace(
    {
      delay: STOP_WITHIN_MS,
      logger: false,
      onSecondSignal: (signal) => log.warn({ signal }, 'second signal: exiting at once'),
      onSecondError: (err) => log.fatal({ err }, 'shutdown failed'),
      onTimeout: (ms) => log.error({ ms }, 'shutdown timed out: exiting at once'),
    },
    async ({ signal, err }) => {
      if (err === undefined) log.info({ signal }, 'stopping');
      else log.fatal({ err }, 'unhandled error: stopping');
      await unwind(published, (error) => log.warn({ err: error }, 'the address of this server could not be removed'));
      await app.close();
      log.info('stopped');
      await Promise.all([written(log), reports?.close()]);
    },
  );
}

/** Waits for a reader of the log that is slow, but not for one that has stopped reading. */
const written = (log: Logger): Promise<unknown> =>
  Promise.race([new Promise<void>((resolve) => log.flush(() => resolve())), pause(LOG_WITHIN_MS, undefined, { ref: false })]);

/** Prints the one line for an error that an operator can correct; `undefined` for a bug. */
export const startFailure = (error: unknown): string | undefined =>
  error instanceof StartError || error instanceof ConfigError || error instanceof CompositionError
    ? `Coucou did not start: ${error.message}`
    : undefined;

/** A bug is logged with its stack. */
async function failToStart(error: unknown, log: Logger | undefined, reports: ErrorReports | undefined): Promise<void> {
  const line = startFailure(error);
  if (line !== undefined) process.stderr.write(`${line}\n`);
  else if (log === undefined) throw error;
  else log.fatal({ err: error }, 'Coucou did not start');
  await reports?.close();
  process.exit(1);
}
