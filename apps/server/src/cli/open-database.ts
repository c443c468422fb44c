import { join } from 'node:path';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { AuditChain } from '@coucou/application/ports/audit-chain';
import { DataChecks } from '@coucou/application/ports/data-checks';
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
import { createPgPool } from '@coucou/postgres/kit/pg-pool';
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

/** A check of a large database takes minutes. */
const CHECK_SECONDS = 86_400;

/**
 * The ports of a command that works on the database beside or instead of a server: transactions, the features' readers, the directory
 * of accounts and the clock. Nothing is announced, and nothing is migrated.
 */
export async function openDatabase(config: Config, undo: Undo): Promise<Container> {
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
  container.provide(DataChecks, () => dataChecks(config, storage, undo));
  container.provide(DeadLetters, () => storage.deadLetters);
  container.provide(JobSchedules, () => storage.jobSchedules);
  for (const { token, make } of storage.readers) container.provide(token, make);
  for (const { port, value } of config.features) container.provide(port, () => value);
  return container;
}

/** On PostgreSQL with the login of back-ups, which row-level security does not bind. */
function dataChecks({ database }: Config, storage: Storage, undo: Undo): DataChecks {
  if (database.kind === 'embedded') return storage.dataChecks;
  const pool = createPgPool({ url: database.backupUrl, max: 1, statementTimeout: CHECK_SECONDS });
  undo.push(() => pool.end());
  const checks = createDataChecks(pool, schemaSets, { isShared: false });
  const explain = (error: unknown): never => {
    throw explainDatabaseError(error, backUpLogin(database));
  };
  return { ...checks, run: (tell) => checks.run(tell).catch(explain) };
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
