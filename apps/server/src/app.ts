import { AccountDirectory } from '@coucou/application/ports/accounts';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { HeadReader } from '@coucou/application/ports/head-reader';
import { Memberships } from '@coucou/application/ports/memberships';
import { AccessTokens } from '@coucou/application/ports/tokens';
import { trimFeeds, trimPorts } from '@coucou/application/users/trim-feeds';
import { serverEvents } from '@coucou/contracts/server-events';
import { limits } from '@coucou/domain/kernel/limits';
import { asyncApiDocument } from '@coucou/docs/asyncapi';
import { openApiDocument } from '@coucou/docs/openapi';
import { createHttpServer } from '@coucou/http/server';
import { createOutboxRunner } from '@coucou/runtime/outbox-runner';
import { createSchedules } from '@coucou/runtime/schedule';
import { pages } from '@coucou/docs/pages';
import { createOriginPolicy } from '@coucou/security/origins';
import { createLogger, type Logger } from '@coucou/observability/logger';
import { errorCatalogue } from '@coucou/application/kernel/error-catalogue';
import { createExecute } from '@coucou/application/kernel/execute';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { HealthCheck } from '@coucou/application/ports/health';
import type { PgliteOptions } from '@coucou/postgres/kit/pglite-pool';
import type { Storage } from '@coucou/postgres/storage';
import { createGateway } from '@coucou/realtime/gateway';
import { presentLiveEvent } from '@coucou/features/live-events';
import { compose, type Module } from './composition/compose.ts';
import { createFileDoor } from './composition/file-door.ts';
import { createLateLiveEvents } from './composition/late-live-events.ts';
import { createLateWatching } from './composition/late-watching.ts';
import { modules as ownModules } from './composition/modules.ts';
import { LocalPresence, type Override, providePorts } from './composition/ports.ts';
import type { Config } from './config.ts';
import { closeHttp, listen } from './start/listen.ts';
import { collectFiles, openFiles } from './start/files.ts';
import { openEverything } from './start/open.ts';
import { type Undo, unwind } from './start/undo.ts';
import { version } from './version.ts';

export type AppOptions = Readonly<{
  /** Ports in the place of real ones. */
  overrides?: readonly Override[];
  /** Features besides the server's own. */
  modules?: readonly Module[];
  /** An embedded database in the place of the one in DATA_DIR: in memory, or a copy of a migrated one. */
  embedded?: PgliteOptions;
  log?: Logger;
  /** How often what was told is compared with what there is; 30 s. */
  headsEveryMs?: number;
  /** Conversations that a socket follows live; 1,000. */
  mostFollowed?: number;
}>;

export interface App {
  readonly log: Logger;
  /** Where it listens; empty before. */
  readonly url: string;
  listen(): Promise<Readonly<{ url: string }>>;
  /** Resolves when no call, no append, no announcement and no due side effect is under way. */
  settled(): Promise<void>;
  /** Tells clients to reconnect elsewhere, finishes what runs, and lets go of everything. May be called again. */
  close(): Promise<void>;
}

/** Together they stay below the time that an orchestrator, or the process itself, allows for a stop. */
const DRAIN = { socketsMs: 2_000, requestsMs: 3_000 };
/** Uploads given up, files that no message uses, and files that no row names. */
const COLLECT_EVERY_MS = 600_000;
/** Entries of people's feeds that are no longer kept. */
const TRIM_EVERY_MS = 3_600_000;
/** How long a lost event may go unnoticed in a conversation where nothing else happens. */
const HEADS_EVERY_MS = 30_000;
const AUTHENTICATE_WITHIN_MS = 10_000;

/** The whole server in this process; several live side by side. Throws a `StartError` for what an operator can mend. */
export async function createApp(config: Config, options: AppOptions = {}): Promise<App> {
  const log = options.log ?? createLogger({ ...config.log, instance: config.instanceId });
  for (const warning of config.warnings) log.warn(warning);
  const undo: Undo = [];
  const letGo = () => unwind(undo, (err) => log.error({ err }, 'something could not be closed'));
  try {
    return await assemble(config, options, log, undo, letGo);
  } catch (error) {
    await letGo();
    throw error;
  }
}

async function assemble(config: Config, options: AppOptions, log: Logger, undo: Undo, letGo: () => Promise<void>): Promise<App> {
  const modules = [...ownModules, ...(options.modules ?? [])];
  const live = createLateLiveEvents();
  const watching = createLateWatching();
  let wake = () => {};
  const { storage, tokens, secret } = await openEverything(
    config,
    {
      live,
      durable: new Set(modules.flatMap(({ subscribers = [] }) => subscribers.map(({ on }) => on))),
      onStored: () => wake(),
      embedded: options.embedded,
      log,
    },
    undo,
  );

  const files = openFiles({ ...config, secret });
  undo.push(() => files.close());
  const { refreshTokenTtlSeconds, editWindowSeconds, deleteWindowSeconds } = config;
  const settings = { refreshTokenTtlSeconds, editWindowSeconds, deleteWindowSeconds };
  const container = providePorts(
    {
      storage,
      live,
      access: tokens,
      settings,
      watching,
      onPresenceError: (err) => log.warn({ err: loggableError(err) }, 'a presence could not be told'),
    },
    [files.provide, ...(options.overrides ?? [])],
  );
  const presence = container.resolve(LocalPresence);
  undo.push(() => presence.close());
  const { operations, subscribers } = compose(modules, container);
  const outbox = createOutboxRunner({ store: storage.outbox, subscribers, clock: container.resolve(Clock), log });
  wake = () => outbox.wake();
  undo.push(() => outbox.stop());

  const schedules = createSchedules(log);
  const collector = schedules.every(COLLECT_EVERY_MS, 'attachments', () => collectFiles(container, log));
  undo.push(() => collector.stop());
  const trimming = { uow: container.resolve(trimPorts.uow), clock: container.resolve(trimPorts.clock) };
  const trimmer = schedules.every(TRIM_EVERY_MS, 'feeds', async () => void (await trimFeeds(trimming)));
  undo.push(() => trimmer.stop());

  let draining = false;
  const contracts = operations.map(({ operation }) => operation);
  const info = { version, ...(config.publicUrl === undefined ? {} : { url: config.publicUrl }) };
  const shared = {
    operations,
    execute: createExecute({ validateOutput: config.mode !== 'production' }),
    tokens: container.resolve(AccessTokens),
    ids: container.resolve(Ids),
    log,
    trustProxy: config.trustProxy,
  };
  const documents = {
    openapi: openApiDocument(contracts, errorCatalogue, info),
    asyncapi: asyncApiDocument(contracts, serverEvents, info),
  };
  const http = createHttpServer({
    ...shared,
    accounts: container.resolve(AccountDirectory),
    health: [serverCheck(() => draining), databaseCheck(storage), ...files.health],
    documents,
    version,
    pages: pages(documents),
    jwks: () => tokens.jwks(),
    origins: createOriginPolicy(config.corsOrigins),
    production: config.mode === 'production',
    files: createFileDoor(container),
  });
  undo.push(() => closeHttp(http, DRAIN.requestsMs));
  const gateway = createGateway({
    ...shared,
    http,
    memberships: container.resolve(Memberships),
    heads: { reader: container.resolve(HeadReader), everyMs: options.headsEveryMs ?? HEADS_EVERY_MS },
    mostFollowed: options.mostFollowed,
    present: presentLiveEvent,
    presence,
    epoch: storage.epoch,
    transports: [...config.socketTransports],
    origins: createOriginPolicy(config.socketOrigins),
    schedules,
    maxPayload: limits.payload,
    authenticateTimeoutMs: AUTHENTICATE_WITHIN_MS,
  });
  undo.push(() => gateway.close({ timeoutMs: DRAIN.socketsMs }));
  live.bind(gateway.live);
  watching.bind(gateway.watching);

  let url = '';
  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    draining = true;
    await letGo();
  };
  return {
    log,
    get url() {
      return url;
    },
    async listen() {
      url = await listen(http, config);
      outbox.start();
      return { url };
    },
    async settled() {
      // A side effect may call and append; whoever waits wants that done as well.
      for (let pass = 0; pass < 2; pass += 1) {
        await gateway.settled();
        await presence.settled();
        await storage.settled();
        await outbox.settled();
      }
    },
    close: () => (closing ??= shutDown()),
  };
}

/** Tells load balancers to send no more while the server drains. */
const serverCheck = (isDraining: () => boolean): HealthCheck => ({
  name: 'server',
  check: async () => (isDraining() ? { status: 'down', detail: 'draining' } : { status: 'up' }),
});

const databaseCheck = (storage: Storage): HealthCheck => ({
  name: 'database',
  async check() {
    await storage.ping();
    return { status: 'up' };
  },
});
