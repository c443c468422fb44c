import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** For each rule, imports that break it: file → import specifier. */
export const forbidden: Record<string, Record<string, string>> = {
  'domain-imports-nothing': {
    'packages/domain/src/kernel/platform.ts': 'node:fs',
    'packages/domain/src/kernel/library.ts': 'zod',
    'packages/domain/src/kernel/outward.ts': '@coucou/application/kernel/target',
    'packages/domain/src/kernel/feature.ts': '@coucou/polls/domain/target',
    'packages/polls/src/domain/library.ts': 'zod',
    'packages/polls/src/domain/outward.ts': '../application/target.ts',
    'packages/polls/src/domain/stranger.ts': '@coucou/foreign/domain/target',
  },
  'contracts-import-zod-and-limits': {
    'packages/contracts/src/messages/entity.ts': '@coucou/domain/kernel/target',
    'packages/contracts/src/messages/platform.ts': 'node:crypto',
    'packages/polls/src/contracts/entity.ts': '../domain/target.ts',
    'packages/polls/src/contracts/core-entity.ts': '@coucou/domain/kernel/target',
    'packages/polls/src/contracts/use-case.ts': '../application/target.ts',
  },
  'application-imports-domain': {
    'packages/application/src/messages/contract.ts': '@coucou/contracts/messages/target',
    'packages/application/src/messages/adapter.ts': '@coucou/postgres/kit/target',
    'packages/application/src/messages/platform.ts': 'node:timers',
    'packages/application/src/messages/library.ts': 'zod',
    'packages/polls/src/application/contract.ts': '../contracts/target.ts',
    'packages/polls/src/application/storage.ts': '../storage/target.ts',
    'packages/polls/src/application/adapter.ts': '@coucou/postgres/kit/target',
  },
  'inner-tests-stay-inside': {
    'packages/domain/src/messages/platform.test.ts': 'node:fs',
    'packages/application/src/messages/adapter.test.ts': '@coucou/postgres/kit/target',
    'packages/polls/src/application/storage.test.ts': '../storage/target.ts',
  },
  'inner-tests-point-inward': {
    'packages/domain/src/messages/contract.test.ts': '@coucou/contracts/messages/target',
    'packages/polls/src/domain/contract.test.ts': '../contracts/target.ts',
    'packages/polls/src/contracts/use-case.test.ts': '@coucou/application/kernel/target',
  },
  'packages-stay-below-the-server': {
    'packages/infrastructure/http/src/config.ts': '../../../../apps/server/src/target.ts',
    'packages/polls/src/config.ts': '../../../apps/server/src/target.ts',
  },
  'adapters-do-not-import-each-other': {
    'packages/infrastructure/http/src/rows.ts': '@coucou/postgres/kit/target',
    'packages/infrastructure/postgres/src/messages/presenter.ts': '@coucou/features/messages/target',
  },
  'features-import-storage-by-feature': {
    'packages/infrastructure/features/src/messages/storage.ts': '@coucou/postgres/target',
    'packages/infrastructure/features/src/messages/migrate.ts': '@coucou/postgres/schema/target',
    'packages/infrastructure/features/src/messages/pool.ts': '@coucou/postgres/kit/pg-pool',
    'packages/infrastructure/features/src/messages/seed.ts': '@coucou/postgres/seed/target',
    'packages/infrastructure/features/src/messages/across.ts': '@coucou/postgres/transactions/transaction',
    'packages/infrastructure/features/src/messages/outbox.ts': '@coucou/postgres/outbox/target',
    'packages/infrastructure/features/src/messages/gateway.ts': '@coucou/realtime/target',
  },
  'feature-packages-know-no-adapter': {
    'packages/polls/src/feature.ts': '@coucou/postgres/kit/target',
    'packages/polls/src/presenters.ts': '@coucou/features/messages/target',
    'packages/polls/src/contracts/rows.ts': '@coucou/postgres/kit/target',
  },
  'feature-storage-imports-the-kit': {
    'packages/polls/src/storage/messages.ts': '@coucou/postgres/messages/target',
    'packages/polls/src/storage/storage.ts': '@coucou/postgres/target',
    'packages/polls/src/storage/migrate.ts': '@coucou/postgres/schema/target',
    'packages/polls/src/storage/own-pool.ts': '@coucou/postgres/kit/pglite-pool',
    'packages/polls/src/storage/across.ts': '@coucou/postgres/transactions/transaction',
    'packages/polls/src/storage/gateway.ts': '@coucou/realtime/target',
    'packages/polls/src/storage/outward.ts': '../target.ts',
  },
  'feature-packages-are-named-once': {
    'apps/server/src/app.ts': '@coucou/polls/target',
    'apps/server/src/composition/compose.ts': '@coucou/polls/target',
    'packages/infrastructure/features/src/messages/polls.ts': '@coucou/polls/contracts/target',
    'packages/polls/src/application/stranger.ts': '@coucou/foreign/domain/target',
    'tools/generate.ts': '@coucou/polls/target',
  },
  'clients-import-contracts': {
    'packages/client/src/domain.ts': '@coucou/domain/kernel/target',
    'apps/web/src/server.ts': '../../server/src/target.ts',
  },
  'product-imports-no-tests': {
    'apps/server/src/helper.ts': '../../../tests/support/target.ts',
    'packages/polls/src/helper.ts': '../tests/target.ts',
  },
  'container-only-in-composition': {
    'apps/server/src/main.ts': 'tsyringe',
    'packages/infrastructure/http/src/container.ts': 'reflect-metadata',
  },
  'queries-only-in-storage': {
    'packages/infrastructure/features/src/messages/query.ts': 'kysely',
    'packages/polls/src/query.ts': 'kysely/migration',
  },
  'connections-only-in-postgres': {
    'packages/infrastructure/http/src/pool.ts': 'pg',
    'packages/polls/src/storage/pool.ts': 'pg',
    'apps/server/src/embedded.ts': '@electric-sql/pglite/contrib/pg_trgm',
  },
  'redis-only-in-redis': {
    'packages/infrastructure/runtime/src/client.ts': 'ioredis',
    'packages/infrastructure/realtime/src/adapter.ts': '@socket.io/redis-adapter',
  },
  'fastify-only-behind-http': {
    'packages/infrastructure/features/src/messages/route.ts': 'fastify',
    'apps/server/src/route.ts': '@fastify/multipart',
    'packages/polls/src/route.ts': 'fastify',
  },
  'sockets-only-in-realtime': {
    'packages/infrastructure/http/src/socket.ts': 'socket.io',
    'apps/server/src/socket.ts': 'ws',
  },
  'cryptography-only-in-security': {
    'packages/infrastructure/http/src/token.ts': 'jose',
    'apps/server/src/hash.ts': 'argon2',
  },
  'files-only-in-files': {
    'packages/infrastructure/http/src/picture.ts': 'sharp',
    'apps/server/src/bucket.ts': '@aws-sdk/client-s3',
  },
  'sentry-only-in-error-reports': {
    'packages/infrastructure/http/src/reports-errors.ts': '@sentry/node',
  },
  'mail-only-in-mail': {
    'packages/infrastructure/features/src/auth/letter.ts': 'nodemailer',
    'apps/server/src/letter.ts': 'nodemailer',
  },
  'no-cycles': {
    'packages/domain/src/messages/itself.ts': './itself.ts',
  },
  'our-imports-resolve': {
    'packages/application/src/messages/typo.ts': '@coucou/domain/kernel/tarGet',
  },
};

/** Imports that no rule forbids. */
export const allowed: Record<string, string> = {
  'packages/domain/src/messages/inside.ts': '../kernel/target.ts',
  'packages/domain/src/messages/inside.test.ts': 'vitest',
  'packages/contracts/src/messages/limits.ts': '@coucou/domain/kernel/limits',
  'packages/contracts/src/messages/schema.ts': 'zod',
  'packages/application/src/messages/entity.ts': '@coucou/domain/kernel/target',
  'packages/application/src/messages/schema.test.ts': 'zod',
  'packages/infrastructure/postgres/src/pool.ts': 'pg',
  'packages/infrastructure/postgres/src/messages/rows.ts': 'kysely',
  'packages/infrastructure/redis/src/client.ts': 'ioredis',
  'packages/infrastructure/http/src/mount.ts': '@coucou/contracts/messages/target',
  'packages/infrastructure/docs/src/pages.ts': 'marked',
  'packages/infrastructure/realtime/src/gateway.ts': 'socket.io',
  'packages/infrastructure/security/src/hasher.ts': 'argon2',
  'packages/infrastructure/files/src/screen.ts': 'sharp',
  'packages/infrastructure/mail/src/smtp.ts': 'nodemailer',
  'packages/infrastructure/features/src/messages/tables.ts': '@coucou/postgres/messages/target',
  'packages/infrastructure/features/src/messages/kit.ts': '@coucou/postgres/kit/target',
  'packages/polls/src/domain/poll.ts': '@coucou/domain/kernel/target',
  'packages/polls/src/domain/poll.test.ts': 'fast-check',
  'packages/polls/src/contracts/operation.ts': '@coucou/contracts/messages/target',
  'packages/polls/src/contracts/own-limits.ts': '../domain/limits.ts',
  'packages/polls/src/application/port.ts': '@coucou/application/kernel/target',
  'packages/polls/src/application/own.ts': '../domain/target.ts',
  'packages/polls/src/storage/tables.ts': 'kysely',
  'packages/polls/src/storage/repository.ts': '@coucou/postgres/kit/target',
  'packages/polls/src/storage/isolation.ts': '@coucou/postgres/schema/isolation',
  'packages/polls/src/storage/schema.ts': '@coucou/postgres/schema/schema-set',
  'packages/polls/src/storage/port.ts': '../application/target.ts',
  'packages/polls/src/own-presenters.ts': '@coucou/features/messages/presenters',
  'packages/polls/src/feature.ts': './storage/target.ts',
  'packages/polls/tests/database.ts': 'pg',
  'packages/polls/tests/harness.ts': '../../../tests/support/target.ts',
  'apps/server/src/composition/container.ts': 'tsyringe',
  'apps/server/src/composition/feature-list.ts': '@coucou/polls/target',
  'apps/server/src/cli/line.ts': 'socket.io-client',
  'tests/support/database.ts': 'pg',
  'tools/check-image.ts': '../tests/support/target.ts',
  'tests/polls/value.ts': '@coucou/polls/target',
};

const packages = [
  'packages/domain',
  'packages/contracts',
  'packages/application',
  'packages/infrastructure/postgres',
  'packages/infrastructure/realtime',
  'packages/infrastructure/features',
  'packages/polls',
  'packages/foreign',
];

const targets = [
  'packages/domain/src/kernel/target.ts',
  'packages/domain/src/kernel/limits.ts',
  'packages/contracts/src/messages/target.ts',
  'packages/application/src/kernel/target.ts',
  'packages/infrastructure/postgres/src/target.ts',
  'packages/infrastructure/postgres/src/kit/target.ts',
  'packages/infrastructure/postgres/src/kit/pg-pool.ts',
  'packages/infrastructure/postgres/src/kit/pglite-pool.ts',
  'packages/infrastructure/postgres/src/messages/target.ts',
  'packages/infrastructure/postgres/src/schema/isolation.ts',
  'packages/infrastructure/postgres/src/schema/schema-set.ts',
  'packages/infrastructure/postgres/src/schema/target.ts',
  'packages/infrastructure/postgres/src/seed/target.ts',
  'packages/infrastructure/postgres/src/transactions/transaction.ts',
  'packages/infrastructure/postgres/src/outbox/target.ts',
  'packages/infrastructure/realtime/src/target.ts',
  'packages/infrastructure/features/src/messages/presenters.ts',
  'packages/infrastructure/features/src/messages/target.ts',
  'packages/polls/src/target.ts',
  'packages/polls/src/domain/limits.ts',
  'packages/polls/src/domain/target.ts',
  'packages/polls/src/contracts/target.ts',
  'packages/polls/src/application/target.ts',
  'packages/polls/src/storage/target.ts',
  'packages/polls/tests/target.ts',
  'packages/foreign/src/domain/target.ts',
  'apps/server/src/target.ts',
  'tests/support/target.ts',
];

/** Lays out a tree like this repository in a temporary folder, with one file per entry of `imports`, and answers its path. */
export async function plant(imports: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'coucou-boundaries-'));
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  };

  await mkdir(join(root, 'node_modules/@coucou'), { recursive: true });
  for (const folder of packages) {
    const name = basename(folder);
    await write(`${folder}/package.json`, JSON.stringify({ name: `@coucou/${name}`, type: 'module', exports: { './*': './src/*.ts' } }));
    await symlink(join(root, folder), join(root, 'node_modules/@coucou', name));
  }
  for (const path of targets) await write(path, 'export const target = 1;\n');
  for (const [path, specifier] of Object.entries(imports)) await write(path, `import '${specifier}';\nexport {};\n`);
  return root;
}
