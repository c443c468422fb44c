import { join } from 'node:path';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { AuditChain } from '@coucou/application/ports/audit-chain';
import { DataChecks } from '@coucou/application/ports/data-checks';
import { DataExport } from '@coucou/application/ports/data-export';
import { DeadLetters } from '@coucou/application/ports/dead-letters';
import { JobSchedules } from '@coucou/application/ports/job-schedules';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { ImportedHashes } from '@coucou/application/ports/imported-hashes';
import { NamedIds } from '@coucou/application/ports/named-ids';
import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { RefusedPasswords } from '@coucou/application/ports/refused-passwords';
import { SessionChecks } from '@coucou/application/ports/session-checks';
import { OpaqueTokens } from '@coucou/application/ports/tokens';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import { commonPasswords } from '@coucou/domain/auth/common-passwords';
import { createDataExport } from '@coucou/postgres/backup/data-export';
import { createPgPool } from '@coucou/postgres/kit/pg-pool';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { openStorage, type Storage } from '@coucou/postgres/storage';
import { createDataChecks } from '@coucou/postgres/verify/data-checks';
import { systemClock } from '@coucou/runtime/clock';
import { createIds } from '@coucou/runtime/ids';
import { importedHashes } from '@coucou/security/imported-hashes';
import { opaqueTokens } from '@coucou/security/opaque-tokens';
import { createPasswordHasher } from '@coucou/security/password-hasher';
import { namedIds } from '@coucou/security/request-digests';
import { catalogueOf } from '../composition/catalogue.ts';
import { type Container, createContainer } from '../composition/container.ts';
import { features, schemaSets } from '../composition/features.ts';
import type { Config } from '../config.ts';
import { createOnce } from '../start/create-once.ts';
import { backUpLogin, explainDatabaseError } from '../start/database.ts';
import { lockDataDir } from '../start/lock.ts';
import type { Undo } from '../start/undo.ts';

/** To read all of a large database takes minutes. */
const WHOLE_SECONDS = 86_400;

/**
 * The ports of a command that works on the database beside or instead of a server: transactions, the features' readers, the directory
 * of accounts and the clock. Nothing is announced, and nothing is migrated. `asOwner`: everything is read by the owner, whose locks no server waits for.
 */
export async function openDatabase(
  config: Config,
  undo: Undo,
  { asOwner = false }: Readonly<{ asOwner?: boolean }> = {},
): Promise<Container> {
  const storage = await open(config, undo);
  const container = createContainer();
  container.provide(Clock, () => systemClock);
  container.provide(Ids, createIds);
  container.provide(OpaqueTokens, () => opaqueTokens);
  container.provide(ImportedHashes, () => importedHashes);
  container.provide(NamedIds, () => namedIds);
  container.provide(PasswordHasher, () => createPasswordHasher({ concurrency: 2 }));
  container.provide(RefusedPasswords, () => ({ common: commonPasswords, serviceWords: [] }));
  // Nobody is signed in at a command line.
  container.provide(SessionChecks, () => ({ check: () => {} }));
  container.provide(Transactions, () => storage.transactions);
  container.provide(AccountDirectory, () => storage.accounts);
  container.provide(AuditChain, () => storage.auditChain);
  const whole = wholeDatabase(config, storage, undo, asOwner);
  container.provide(DataChecks, () => whole.dataChecks);
  container.provide(DataExport, () => whole.dataExport);
  container.provide(DeadLetters, () => storage.deadLetters);
  container.provide(JobSchedules, () => storage.jobSchedules);
  for (const { token, make } of storage.readers) container.provide(token, make);
  for (const { port, value } of config.features) container.provide(port, () => value);
  return container;
}

/** Reads all accounts: on PostgreSQL with the login of back-ups, which row-level security does not bind, or as the owner. */
function wholeDatabase({ database }: Config, storage: Storage, undo: Undo, asOwner: boolean): Pick<Storage, 'dataChecks' | 'dataExport'> {
  if (database.kind === 'embedded') return storage;
  // It connects when it is used.
  const pool = createPgPool({ url: asOwner ? database.ownerUrl : database.backupUrl, max: 1, statementTimeout: WHOLE_SECONDS });
  undo.push(() => pool.end());
  const explained: SessionPool = {
    ...pool,
    use: (work) =>
      pool.use(work).catch((error: unknown) => {
        throw explainDatabaseError(error, backUpLogin(database));
      }),
  };
  return {
    dataChecks: createDataChecks(explained, schemaSets, asOwner ? 'owner' : 'moment'),
    dataExport: createDataExport(explained, schemaSets),
  };
}

async function open({ database, dataDir }: Config, undo: Undo): Promise<Storage> {
  const { events, storage: parts } = catalogueOf(features);
  const options = { live: { publish: () => {} }, events: { ...events, isDurable: () => false, stored: () => undefined }, parts };
  if (database.kind === 'embedded') undo.push(await lockDataDir(dataDir));
  const directory = join(dataDir, 'database');
  try {
    const storage = await (database.kind === 'embedded'
      ? createOnce(directory, () => openStorage({ ...options, database: { embedded: { directory } } }))
      : openStorage({ ...options, database: { url: database.url } }));
    undo.push(() => storage.close());
    return storage;
  } catch (error) {
    throw database.kind === 'embedded' ? error : explainDatabaseError(error, database);
  }
}
