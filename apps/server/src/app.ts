import { createErrorBody } from '@coucou/application/kernel/error-body';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import { callLimitPorts, createCallLimits } from '@coucou/application/kernel/call-limits';
import { TrafficRules } from '@coucou/application/ports/traffic-rules';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { HeadReader } from '@coucou/application/ports/head-reader';
import { Ids } from '@coucou/application/ports/ids';
import { CurrentMembers } from '@coucou/application/ports/current-members';
import { KeyRotation } from '@coucou/application/ports/key-rotation';
import { Programs } from '@coucou/application/ports/programs';
import { Proofs, UsedProofs } from '@coucou/application/ports/proofs';
import { AccessTokens } from '@coucou/application/ports/tokens';
import { delivering } from '@coucou/application/tracing/traced-bus';
import { homeRoutes } from '@coucou/docs/home/routes';
import { linkRoutes } from '@coucou/docs/links/routes';
import { pages } from '@coucou/docs/pages';
import type { AppFeature } from '@coucou/features/feature';
import { createHttpServer } from '@coucou/http/server';
import type { Logger } from '@coucou/observability/logger';
import { createMetrics } from '@coucou/observability/metrics';
import { createConnections, sendAway } from '@coucou/realtime/connections';
import { createGateway } from '@coucou/realtime/gateway';
import { systemClock } from '@coucou/runtime/clock';
import { createAnnouncer } from '@coucou/runtime/event-bus';
import { createSchedules } from '@coucou/runtime/schedule';
import { serveAdminSocket } from './admin/admin-server.ts';
import { catalogueOf } from './composition/catalogue.ts';
import { compose } from './composition/compose.ts';
import { apiDocuments } from './composition/api-documents.ts';
import { cookiesOf } from './composition/cookies.ts';
import { countLogins } from './composition/count-logins.ts';
import { discoveryOf } from './composition/discovery.ts';
import { features as ownFeatures } from './composition/features.ts';
import { createFileDoor } from './composition/file-door.ts';
import { createExecution } from './composition/execution.ts';
import { membersInTurn } from './composition/in-turn.ts';
import { originPolicies, providePasskeys } from './composition/origin-policies.ts';
import { LocalPresence, type Override, providePorts } from './composition/ports.ts';
import type { Config } from './config.ts';
import { homeOptions } from './demo/home.ts';
import { demoOperations } from './demo/operations.ts';
import { createFindDemoPeople, refusePasswords } from './demo/password-check.ts';
import { developmentMailbox } from './demo/mailbox.ts';
import { makeDemoPeople, makesDemo, refusePublicPasswords } from './demo/start.ts';
import { ensureFirstOwner } from './start/first-owner.ts';
import { openFiles } from './start/files.ts';
import { watchRedis } from './start/common-redis.ts';
import { databaseCheck, serverCheck, standbyCheck } from './start/health-checks.ts';
import { openJobs } from './start/jobs.ts';
import { closeHttp, listen } from './start/listen.ts';
import { openLog } from './start/open-log.ts';
import { openMail } from './start/mail.ts';
import { openMetrics } from './start/metrics.ts';
import { openOutbox } from './start/outbox.ts';
import { openPush } from './start/push.ts';
import { openDataDir, openEverything, type OpenOptions } from './start/open.ts';
import { type OpenEventBus, openShared } from './start/redis.ts';
import { openActivity } from './start/activity-upkeep.ts';
import { keepSessions } from './start/session-upkeep.ts';
import { openSignIn } from './start/sign-in.ts';
import { openTracing } from './start/tracing.ts';
import { type Undo, unwind } from './start/undo.ts';
import { version } from './version.ts';

export type AppOptions = Readonly<{
  /** Replacements of ports. */
  overrides?: readonly Override[];
  /** Features in addition to the server's own. */
  features?: readonly AppFeature[];
  /** Replaces the embedded database in DATA_DIR: in memory, a copy of a migrated one, or a pool that is open already. */
  embedded?: NonNullable<OpenOptions['embedded']>;
  /** Replaces Redis as the event bus between nodes. */
  openEventBus?: OpenEventBus;
  /** Default: the log of the configuration, which reports nothing to Sentry: that belongs to the process, not to one of its servers. */
  log?: Logger;
  /** Makes demo people in an empty embedded database in development. */
  demo?: boolean;
  /** How often delivered versions are compared with the database; default 30 s. */
  headsEveryMs?: number;
  /** Conversations that a socket follows live; default 1,000. */
  mostFollowed?: number;
}>;

export interface App {
  readonly log: Logger;
  /** Where it listens; empty before. */
  readonly url: string;
  listen(): Promise<Readonly<{ url: string; metricsUrl?: string }>>;
  /** Begins what runs without a client: side effects and jobs. `listen` does it too. */
  start(): void;
  /** Takes a plain WebSocket that did not come over HTTP. */
  accept: ReturnType<typeof createGateway>['accept'];
  /** Resolves when no call, append, announcement or due side effect is in progress, and uses of tokens are written. */
  settled(): Promise<void>;
  /** Graceful shutdown: clients reconnect elsewhere, running work finishes, everything is closed. Idempotent. */
  close(): Promise<void>;
}

/** Together they stay below the time that the process itself allows for a stop. */
const DRAIN = { wavesMs: 5_500, callsMs: 2_000, imagesMs: 1_500, requestsMs: 3_000, mailMs: 1_500 };
/** How long a lost event may go unnoticed in a quiet conversation. */
const HEADS_EVERY_MS = 30_000;
/** Within this time every node signs by a key that another made. */
const KEYS_EVERY_MS = 60_000;
const AUTHENTICATE_WITHIN_MS = 10_000;

/** The whole server in this process; several live side by side. Throws a `StartError` for what an operator can correct. */
export async function createApp(config: Config, options: AppOptions = {}): Promise<App> {
  const log = options.log ?? openLog(config);
  for (const warning of config.warnings) log.warn(warning);
  const undo: Undo = [];
  const letGo = () => unwind(undo, (err) => log.error({ err }, 'a resource could not be closed'));
  try {
    return await assemble(config, options, log, undo, letGo);
  } catch (error) {
    await letGo();
    throw error;
  }
}

async function assemble(config: Config, options: AppOptions, log: Logger, undo: Undo, letGo: () => Promise<void>): Promise<App> {
  const features = [...ownFeatures, ...(options.features ?? [])];
  const catalogue = catalogueOf(features);
  const secret = await openDataDir(config, { embedded: options.embedded }, undo);
  const metrics = createMetrics();
  const { tracer, instrument } = await openTracing(config, log, undo);
  const nodes = await openShared(config, { secret, metrics, tracer, log, openEventBus: options.openEventBus }, undo);
  const { bus } = nodes;
  const live = createAnnouncer({ events: catalogue.events, bus, clock: systemClock, log });
  const connections = createConnections();
  const schedules = createSchedules(log);

  const served = await openMetrics(config, { metrics, own: nodes.own }, undo);
  const opening = { catalogue, live, secret, metrics, tracer, embedded: options.embedded, log, onTaken: () => sendAway(connections) };
  const { storage, tokens } = await openEverything(config, opening, undo);
  const files = openFiles({ ...config, secret });
  undo.push(() => files.close());
  let url = '';
  const mail = await openMail(config, { log, ownUrl: () => config.publicUrl ?? url });
  const signIn = openSignIn({ ...config, listening: () => url });
  const activity = await openActivity(config, { storage, sharesPresence: nodes.presence !== undefined, metrics, schedules, log }, undo);
  const commonRedis = watchRedis({ ...nodes, run: activity.run, store: storage.activity, schedules, log }, undo);
  const container = providePorts(
    {
      storage,
      live,
      bus,
      access: tokens,
      secret,
      systemKey: config.systemKey,
      address: () => config.publicUrl ?? url,
      multiNode: config.multiNode,
      outboundAllow: config.outboundAllow,
      settings: config.features,
      connections,
      metrics,
      activity,
      sharedPresence: nodes.presence,
      liveHere: createAnnouncer({ events: catalogue.events, bus: nodes.here, clock: systemClock, log }),
      onPresenceError: (err) => log.warn({ err: loggableError(err) }, 'a presence change could not be announced'),
    },
    [
      files.provide,
      mail.provide,
      await openPush(config.push, secret, undo),
      (made) => made.provide(KeyRotation, () => tokens),
      nodes.provide,
      signIn.provide,
      refusePasswords(config),
      providePasskeys(config),
      ...(options.overrides ?? []),
    ],
  );
  // From now on it remembers, so that proofs with a nonce of this server are known from the first.
  container.resolve(UsedProofs);
  const presence = container.resolve(LocalPresence);
  undo.push(() => presence.close());
  const keyUpkeep = schedules.every(KEYS_EVERY_MS, 'signing keys', () => tokens.upkeep());
  undo.push(() => keyUpkeep.stop());
  const { checks, accountRules, uses, apiKeyUses } = await keepSessions(container, { bus, schedules, log }, undo);
  const { operations, subscribers, jobs } = compose(features, container, log);
  const findDemoPeople = createFindDemoPeople(container);
  await ensureFirstOwner(config, container, log);
  if (!config.conveniences) await refusePublicPasswords(config, container, findDemoPeople);
  if (config.database.kind === 'embedded' && options.embedded === undefined)
    undo.push(await serveAdminSocket(config.dataDir, container, log));

  const outbox = openOutbox({ storage, subscribers, jobs: nodes.jobs, own: nodes.own, schedules, metrics, tracer, log });
  undo.push(async () => void (await Promise.all([outbox.stop(), mail.close(DRAIN.mailMs)])));
  const scheduler = openJobs({ jobs, storage, config, metrics, tracer, log }, undo);
  const health = [outbox.health, scheduler.health, ...files.health, ...mail.health, ...nodes.health, ...commonRedis];

  let draining = false;
  const info = { version, ...(config.publicUrl !== undefined && { url: config.publicUrl }) };
  const documents = apiDocuments(catalogue, info, () => url);
  const mailbox = developmentMailbox(container);
  const origins = originPolicies(config, log);
  const callLimits = createCallLimits(container.portsOf(callLimitPorts));
  const shared = {
    operations: countLogins(operations, metrics),
    execute: createExecution({
      ...config,
      container,
      storage,
      secret,
      tracer,
      limits: callLimits.ofOperations,
      sharedAnswers: nodes.answers,
    }),
    tokens: container.resolve(AccessTokens),
    programs: container.resolve(Programs),
    accounts: container.resolve(AccountDirectory),
    ids: container.resolve(Ids),
    errorBody: createErrorBody(config.publicUrl),
    metrics,
    log,
    trustProxy: config.trustProxy,
    maxPayload: config.maxPayload,
  };
  const http = createHttpServer({
    ...shared,
    limits: callLimits,
    metricsDoor: served.door,
    health: [serverCheck(() => draining), databaseCheck(storage), ...standbyCheck(storage), ...health],
    documents,
    discovery: discoveryOf(config, features, container, info),
    version,
    pages: [
      homeRoutes(homeOptions(config, container, findDemoPeople)),
      pages({ documents, operations: catalogue.operations, catalogue: catalogue.errors, version, demo: config.conveniences }),
      linkRoutes,
      ...mailbox.pages,
    ],
    proofs: container.resolve(Proofs),
    jwks: () => tokens.jwks(),
    origins: origins.http,
    cookies: cookiesOf(config, container),
    instrument,
    production: config.mode === 'production',
    files: createFileDoor(container, storage),
    ...(config.conveniences && { conveniences: [...demoOperations(container, findDemoPeople), ...mailbox.operations] }),
  });
  undo.push(async () => void (await Promise.all([closeHttp(http, DRAIN.requestsMs), files.drain(DRAIN.imagesMs)])));
  const gateway = createGateway({
    ...shared,
    http,
    bus: delivering(presence.heard(bus), tracer),
    connections,
    currentMembers: membersInTurn(container.resolve(CurrentMembers), storage),
    heads: { reader: container.resolve(HeadReader), everyMs: options.headsEveryMs ?? HEADS_EVERY_MS },
    mostFollowed: options.mostFollowed,
    presence,
    activity,
    checks,
    limits: { server: container.resolve(TrafficRules), accounts: accountRules, refusal: callLimits.refusal },
    epoch: storage.epoch,
    transports: [...config.socketTransports],
    origins: origins.sockets,
    schedules,
    mostBuffered: config.maxOutgoingBuffer,
    authenticateTimeoutMs: AUTHENTICATE_WITHIN_MS,
  });
  undo.push(() => gateway.close({ withinMs: DRAIN.wavesMs, timeoutMs: DRAIN.callsMs }));
  if (options.demo === true && makesDemo(config)) await makeDemoPeople({ ...shared, container }, log);

  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    draining = true;
    await letGo();
  };
  const start = (): void => [outbox, scheduler].forEach((each) => each.start());
  return {
    log,
    get url() {
      return url;
    },
    async listen() {
      await nodes.ready();
      url = await listen(http, config);
      start();
      const metricsUrl = await served.listen(url);
      return { url, ...(metricsUrl !== undefined && { metricsUrl }) };
    },
    start,
    accept: (socket, request) => gateway.accept(socket, request),
    async settled() {
      // Twice, since a side effect may call and append.
      for (let pass = 0; pass < 2; pass += 1) {
        await gateway.settled();
        await Promise.all([uses.flush(), apiKeyUses.flush()]);
        await presence.settled();
        await activity.flush();
        await storage.settled();
        await outbox.settled();
      }
    },
    close: () => (closing ??= shutDown()),
  };
}
