import { mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** For each rule, imports that break it: file → import specifier. */
export const forbidden: Record<string, Record<string, string>> = {
  'domain-imports-nothing': {
    'packages/domain/src/kernel/platform.ts': 'node:fs',
    'packages/domain/src/kernel/library.ts': 'zod',
    'packages/domain/src/kernel/outward.ts': '@coucou/application/kernel/target',
  },
  'contracts-import-zod-and-limits': {
    'packages/contracts/src/messages/entity.ts': '@coucou/domain/kernel/target',
    'packages/contracts/src/messages/platform.ts': 'node:crypto',
  },
  'application-imports-domain': {
    'packages/application/src/messages/contract.ts': '@coucou/contracts/messages/target',
    'packages/application/src/messages/adapter.ts': '@coucou/postgres/kit/target',
    'packages/application/src/messages/platform.ts': 'node:timers',
  },
  'inner-tests-stay-inside': {
    'packages/domain/src/messages/platform.test.ts': 'node:fs',
    'packages/application/src/messages/adapter.test.ts': '@coucou/postgres/kit/target',
  },
  'inner-tests-point-inward': {
    'packages/domain/src/messages/contract.test.ts': '@coucou/contracts/messages/target',
  },
  'infrastructure-stays-below-the-server': {
    'packages/infrastructure/http/src/config.ts': '../../../../apps/server/src/target.ts',
  },
  'adapters-do-not-import-each-other': {
    'packages/infrastructure/http/src/rows.ts': '@coucou/postgres/kit/target',
  },
  'clients-import-contracts': {
    'packages/client/src/domain.ts': '@coucou/domain/kernel/target',
    'apps/web/src/server.ts': '../../server/src/target.ts',
  },
  'product-imports-no-tests': {
    'apps/server/src/helper.ts': '../../../tests/support/target.ts',
  },
  'container-only-in-composition': {
    'apps/server/src/main.ts': 'tsyringe',
    'packages/infrastructure/http/src/container.ts': 'reflect-metadata',
  },
  'sql-only-in-postgres': {
    'packages/infrastructure/features/src/messages/query.ts': 'kysely',
    'packages/infrastructure/http/src/pool.ts': 'pg',
    'apps/server/src/embedded.ts': '@electric-sql/pglite/contrib/pg_trgm',
  },
  'redis-only-in-redis': {
    'packages/infrastructure/runtime/src/client.ts': 'ioredis',
    'packages/infrastructure/realtime/src/adapter.ts': '@socket.io/redis-adapter',
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
  'packages/infrastructure/postgres/src/pool.ts': 'pg',
  'packages/infrastructure/redis/src/client.ts': 'ioredis',
  'packages/infrastructure/http/src/mount.ts': '@coucou/contracts/messages/target',
  'apps/server/src/composition/container.ts': 'tsyringe',
  'tests/support/database.ts': 'pg',
};

const targets = [
  'packages/domain/src/kernel/target.ts',
  'packages/domain/src/kernel/limits.ts',
  'packages/contracts/src/messages/target.ts',
  'packages/application/src/kernel/target.ts',
  'packages/infrastructure/postgres/src/kit/target.ts',
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
  for (const folder of ['domain', 'contracts', 'application', 'infrastructure/postgres']) {
    const name = basename(folder);
    await write(
      `packages/${folder}/package.json`,
      JSON.stringify({ name: `@coucou/${name}`, type: 'module', exports: { './*': './src/*.ts' } }),
    );
    await symlink(join(root, 'packages', folder), join(root, 'node_modules/@coucou', name));
  }
  for (const path of targets) await write(path, 'export const target = 1;\n');
  for (const [path, specifier] of Object.entries(imports)) await write(path, `import '${specifier}';\nexport {};\n`);
  return root;
}
