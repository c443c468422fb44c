import { defineConfig } from 'vitest/config';

/** Tests of feature packages that need the product around them. */
const features = 'packages/*/tests/**/*.test.ts';
/** Run by `fast` on the embedded database and by `integration` on PostgreSQL. */
const useCases = 'tests/use-cases/**/*.test.ts';
/** Attacks on signing in: run by `embedded` on the embedded database, and by `integration` on PostgreSQL and Redis. */
const attacks = [
  'tests/auth/{attacks,bound-sessions,bound-theft,cookie-forgery,cookie-mode,ended-sessions,single-use}.test.ts',
  'tests/oauth/{external-issuer,return-address,sign-in}.test.ts',
  'tests/mail/flows.test.ts',
];
const withoutDatabase = [
  'tests/alerts/shortened.test.ts',
  'tests/boundaries/**/*.test.ts',
  'tests/deploy/{alerts,budget,chart,dashboards,deploy,migration-lint,proxy,run,workflows}.test.ts',
  'tests/faults/{checkers,judging-trials}.test.ts',
  'tests/soak/judge.test.ts',
  'tests/support/tcp-proxy.test.ts',
  'tests/upgrades/judge-sends.test.ts',
];
// Needs no service: part of `pnpm check`.
const fast = ['packages/**/*.test.{ts,tsx}', 'apps/**/*.test.{ts,tsx}', ...withoutDatabase, useCases];
/**
 * The nightly set (.github/workflows/nightly.yml): suites that repeat others on the second engine, and slow ones whose subject changes seldom. Left out of
 * a run of all projects, since CI has twenty minutes on two cores; `--project` includes them.
 */
const namesProject = process.argv.some((argument) => argument.startsWith('--project'));
/** Of the use-cases: every operation that writes, one after the other. */
const everyWrite = 'tests/use-cases/caching/every-write.test.ts';
const nightly = namesProject
  ? []
  : [
      useCases,
      'tests/{support,features}/**/*.test.ts',
      'tests/storage/{message-search,plans-seeded,seed}.test.ts',
      'tests/auth/simulation.test.ts',
      'tests/simulation/simulation.test.ts',
      'tests/docs/{guide,feature-guide,back-up-guide,in-browser}.test.ts',
      'tests/deploy/two-nodes.test.ts',
      'tests/nodes/{haproxy,other-redis,presence,scheduled}.test.ts',
      'tests/e2e/{activity,outgoing-buffer,full-hasher}.test.ts',
      'tests/start/{demo,failures,first-start,life,backup,back-up-under-load,move,cli}.test.ts',
      // Killed servers are among the scenarios, which run on each push.
      'tests/faults/durability.test.ts',
      'tests/soak/soak.test.ts',
      'tests/upgrades/rolling.test.ts',
    ];
const never = ['**/node_modules/**', '**/dist/**', '**/.cache/**'];

// Time limits end what hangs; they measure nothing, so a slow machine is no failure.
const shared = {
  environment: 'node',
  pool: 'forks',
  // A worker loads the product and compiles the embedded database once, and runs one file after the other: each closes what it opens.
  isolate: false,
  testTimeout: 120_000,
  hookTimeout: 180_000,
  restoreMocks: true,
  unstubEnvs: true,
} as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    dangerouslyIgnoreUnhandledErrors: false,
    // .ci/run counts the results from the file.
    reporters: ['default', ...(process.env['GITHUB_ACTIONS'] ? ['github-actions'] : []), ['json', { outputFile: '.cache/vitest.json' }]],
    projects: [
      // Feature packages leave the embedded database to `pnpm check` and the nightly run, as the other suites over both engines do.
      { test: { ...shared, name: 'fast', include: fast, exclude: namesProject ? never : [...never, everyWrite, features] } },
      { test: { ...shared, name: 'embedded', include: attacks, exclude: namesProject ? never : [...never, ...attacks] } },
      {
        test: {
          ...shared,
          name: 'integration',
          include: ['tests/**/*.test.ts', features],
          exclude: [...never, ...withoutDatabase, ...nightly],
          globalSetup: ['tests/support/global-setup.ts'],
          // Suites over both engines of the storage leave the embedded one to the nightly run.
          env: { EVERY_ENGINE: namesProject ? '1' : '' },
        },
      },
    ],
  },
});
