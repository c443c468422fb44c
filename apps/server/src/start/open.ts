import { join } from 'node:path';
import type { LiveEvents } from '@coucou/application/ports/live-events';
import type { Tracer } from '@coucou/application/ports/tracer';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { Logger } from '@coucou/observability/logger';
import { createConnections } from '@coucou/postgres/kit/connections';
import type { PgliteOptions } from '@coucou/postgres/kit/pglite-pool';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { schemaSetsOf } from '@coucou/postgres/kit/storage-parts';
import { OtherNodeError, takeNodeLock } from '@coucou/postgres/node-lock';
import { openStorage, type Storage } from '@coucou/postgres/storage';
import { createAccessTokens, type SigningTokens } from '@coucou/security/access-tokens';
import { SecretMismatchError } from '@coucou/security/signing-keys';
import type { Catalogue } from '../composition/catalogue.ts';
import type { Config } from '../config.ts';
import { createOnce } from './create-once.ts';
import { ownSecretKey, prepareDataDir } from './data-dir.ts';
import { explainDatabaseError, prepareDatabase } from './database.ts';
import { explainEmbeddedError } from './embedded-error.ts';
import { lockDataDir } from './lock.ts';
import { StartError } from './start-error.ts';
import type { Undo } from './undo.ts';

export type OpenOptions = Readonly<{
  catalogue: Catalogue;
  live: LiveEvents;
  secret: string;
  /** Replaces the database in DATA_DIR. */
  embedded: PgliteOptions | SessionPool | undefined;
  metrics: Metrics;
  tracer: Tracer;
  log: Logger;
  /** Another server took the database over while this one had lost it. */
  onTaken: () => void;
}>;

/** The data directory, where it is used; answers the secret: from SECRET_KEY, or generated and kept there. */
export async function openDataDir(
  { database, secretKey, dataDir }: Config,
  { embedded }: Pick<OpenOptions, 'embedded'>,
  undo: Undo,
): Promise<string> {
  const holdsDatabase = database.kind === 'embedded' && embedded === undefined;
  if (holdsDatabase || secretKey === undefined) await prepareDataDir(dataDir);
  if (holdsDatabase) undo.push(await lockDataDir(dataDir));
  return secretKey ?? ownSecretKey(dataDir);
}

/** The database, and the keys kept in it. */
export async function openEverything(
  config: Config,
  options: OpenOptions,
  undo: Undo,
): Promise<Readonly<{ storage: Storage; tokens: SigningTokens }>> {
  const storage = await openDatabase(config, options, undo);
  undo.push(() => storage.close());
  if (storage.moved.length > 0) options.log.warn(movedWarning(storage.moved));
  return { storage, tokens: await openKeys(config, storage, options.secret) };
}

async function openDatabase(
  config: Config,
  { embedded, log, live, catalogue, metrics, tracer, onTaken }: OpenOptions,
  undo: Undo,
): Promise<Storage> {
  const { database } = config;
  const shared = { live, events: catalogue.events, parts: catalogue.storage, metrics, tracer };
  const onIdleError = (err: Error) => log.warn({ err }, 'lost an idle connection to the database');
  if (database.kind === 'postgres') {
    await prepareDatabase(config, database, schemaSetsOf(catalogue.storage), log);
    try {
      const access = await holdNodeLock(database.url, config.multiNode, { log, onTaken }, undo);
      return await openStorage({ ...shared, ...access, onIdleError, database });
    } catch (error) {
      throw explainDatabaseError(error, database);
    }
  }
  const directory = join(config.dataDir, 'database');
  const source = embedded !== undefined && 'use' in embedded ? { pool: embedded } : { embedded: embedded ?? { directory } };
  const open = () => openStorage({ ...shared, onIdleError, database: source });
  try {
    return await (embedded === undefined ? createLogged(directory, log, open) : open());
  } catch (error) {
    throw explainEmbeddedError(error, directory);
  }
}

/** Answers what every use of the database asks first, and connections that end when the one that holds the lock hears nothing. */
async function holdNodeLock(url: string, isShared: boolean, { log, onTaken }: Pick<OpenOptions, 'log' | 'onTaken'>, undo: Undo) {
  const connections = createConnections();
  const lock = await takeNodeLock({
    url,
    isShared,
    onDoubt: () => connections.doubt(),
    onLost: (err) => log.warn({ err }, 'lost the node lock of this database: serving nothing until it is held again'),
    onRegained() {
      connections.resume();
      log.info('holds the node lock of this database again: serving');
    },
    onTaken() {
      log.error('another server serves this database: closing all connections, and waiting until it stops');
      onTaken();
    },
  }).catch((error: unknown) => {
    if (!(error instanceof OtherNodeError)) throw error;
    throw new StartError(refusal(isShared), { cause: error });
  });
  undo.push(() => lock.release());
  return { guard: () => lock.guard(), connections };
}

const refusal = (isShared: boolean): string =>
  isShared
    ? 'a server without REDIS_URL uses this database, so no other may; start it again with the same REDIS_URL, or stop it first'
    : 'another server uses this database, and nodes find each other by Redis; set the same REDIS_URL on all of them, or stop the other one first';

/** Opens it, and says so when it is created, which takes a while. */
async function createLogged<T>(directory: string, log: Logger, open: () => Promise<T>): Promise<T> {
  let started: number | undefined;
  const opened = await createOnce(directory, open, () => {
    started = performance.now();
    log.info({ directory }, 'creating the embedded database; only the first start does this');
  });
  if (started !== undefined) log.info({ ms: Math.round(performance.now() - started) }, 'created the embedded database');
  return opened;
}

const movedWarning = (differences: readonly string[]): string =>
  `the database is in another place than before (${differences.join('; ')}). If it was restored from a back-up or copied, stop the server and run` +
  ' `pnpm cli restored`, so that clients drop what the copy does not have; after a fail-over that lost nothing run `pnpm cli restored --keep-epoch`';

async function openKeys(config: Config, { transactions }: Storage, secret: string): Promise<SigningTokens> {
  try {
    return await createAccessTokens({
      transactions,
      secret,
      issuer: config.publicUrl ?? 'coucou',
      audience: 'coucou',
      ttlSeconds: config.accessTokenTtlSeconds,
      keyLifetimeSeconds: config.signingKeyLifetimeSeconds,
    });
  } catch (error) {
    if (!(error instanceof SecretMismatchError)) throw error;
    throw new StartError(
      `${error.message}; set SECRET_KEY to the one that this database was used with, or, where it was generated, SECRET_KEY_FILE=${join(config.dataDir, 'secret-key')}` +
        ' with the DATA_DIR of then',
      { cause: error },
    );
  }
}
