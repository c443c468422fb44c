import { describe, expect, it } from 'vitest';
import { repository } from './cruise.ts';
import { simulated } from '../simulation/time/sources.ts';
import {
  chanceReads,
  clockReads,
  environmentReads,
  isBarrel,
  lineCount,
  type Source,
  sources,
  sqlClockReads,
  unsimulatedImports,
} from './scan.ts';

/** "About 300": the slack is for the last function of a file, not for another one. */
const mostLines = 320;
/** Stays empty: a file that wants to be here wants to be two files. */
const longFiles: string[] = [];

const all = sources(repository);
const product = all.filter(({ path }) => /^(packages|apps\/server)\//.test(path) && !/\.test\.tsx?$/.test(path));
const paths = (files: Source[]): string[] => files.map(({ path }) => path);

describe('the source of this repository', () => {
  it('was found', () => {
    expect(product.length).toBeGreaterThanOrEqual(20);
  });

  it('has no file that takes more than one sitting to read', () => {
    const long = all.filter(({ path, text }) => lineCount(text) > mostLines && !longFiles.includes(path));
    expect(long.map(({ path, text }) => `${path}: ${lineCount(text)} lines`)).toEqual([]);
  });

  it('has no barrel, which would hide where a thing lives and load what nobody asked for', () => {
    // The list of features is one: it names each once, and nobody imports a feature from it.
    expect(paths(all.filter(isBarrel))).toEqual(['apps/server/src/composition/feature-list.ts']);
  });

  it('has no folder for things that have no room', () => {
    expect(paths(all.filter(({ path }) => /(^|\/)(shared|utils?)(\/|\.tsx?$)/.test(path)))).toEqual([]);
  });

  it('reads the environment in the configuration of the server only', () => {
    expect(product.filter(({ path }) => !/^apps\/server\/src\/config(\/|[.-])/.test(path)).flatMap(environmentReads)).toEqual([]);
  });

  it('calls other hosts by the outbound guard alone', () => {
    const calling = product.filter(({ text }) => /(?<![\w.])fetch\(|from '(node:)?https'|\brequest\b[^;]*from 'node:http'/.test(text));
    expect(paths(calling)).toEqual([
      // The command line calls its own server.
      'apps/server/src/cli/api.ts',
      // The doctor asks the operator's own address.
      'apps/server/src/doctor/surroundings.ts',
      // The load test asks the metrics of the server it loads.
      'apps/server/src/load/server-figures.ts',
      // Error reports go to the address that the operator names.
      'packages/infrastructure/error-reports/src/open.ts',
      'packages/infrastructure/outbound/src/exchange.ts',
    ]);
  });

  it('takes the role that sees all accounts in the storage alone', () => {
    const named = product.filter(({ text }) => /coucou_system/.test(text)).map(({ path }) => path.replace(/[^/]+$/, ''));
    expect([...new Set(named)].toSorted()).toEqual([
      // The inspection of the server's login, which names it.
      'packages/infrastructure/postgres/src/',
      'packages/infrastructure/postgres/src/accounts/',
      'packages/infrastructure/postgres/src/schema/',
      'packages/infrastructure/postgres/src/schema/migrations/',
      'packages/infrastructure/postgres/src/transactions/',
    ]);
  });

  it('asks the Clock for the time in domain and application', () => {
    expect(all.filter(({ path }) => /^packages\/(?:[^/]+\/src\/)?(domain|application)\//.test(path)).flatMap(clockReads)).toEqual([]);
  });

  it('has timers and randomness in adapters alone', () => {
    const inner = product.filter(({ path }) => /^packages\/(?:[^/]+\/src\/)?(domain|application)\//.test(path));
    expect(inner.flatMap(chanceReads)).toEqual([]);
  });

  it('takes time and randomness from where a simulation replaces them', () => {
    expect(product.flatMap((source) => unsimulatedImports(source, simulated))).toEqual([
      // What passwords were hashed with elsewhere: when somebody signs in by one.
      'packages/infrastructure/security/src/imported-hashes.ts: scrypt of node:crypto',
      // When somebody chooses a password.
      'packages/infrastructure/security/src/strength-estimator.ts: Worker of node:worker_threads',
      'packages/infrastructure/security/src/strength-worker.ts: parentPort of node:worker_threads',
    ]);
  });

  it('reads the time in SQL by clock_now alone, which a test can replace', () => {
    const statements = sources(repository, 'sql').filter(({ path }) => path.startsWith('packages/'));
    expect(statements.length).toBeGreaterThan(10);
    const places = [...product, ...statements].flatMap(sqlClockReads).map((place) => place.replace(/:\d+$/, ''));
    expect([...new Set(places)].toSorted()).toEqual([
      // The doctor compares the clock of a server, which may have no schema yet, with its own.
      'packages/infrastructure/postgres/src/inspection.ts',
      // What the migrator writes down beside what it applied: clock_now is of the schema.
      'packages/infrastructure/postgres/src/schema/migrate.ts',
      // Released before there was clock_now; the defaults of these columns are by it since.
      'packages/infrastructure/postgres/src/schema/migrations/0002-users.ts',
      'packages/infrastructure/postgres/src/schema/migrations/0012-outbox.ts',
      'packages/infrastructure/postgres/src/schema/migrations/0023-outbox-workers.ts',
      // clock_now itself.
      'packages/infrastructure/postgres/src/schema/migrations/0026-clock.ts',
    ]);
  });
});

describe('the scans', () => {
  const source = (text: string): Source => ({ path: 'example.ts', text });

  it.each(['export * from "./a.ts";', 'export { a } from "./a.ts";\nexport type { B } from "./b.ts";'])('see the barrel %j', (text) => {
    expect(isBarrel(source(text))).toBe(true);
  });

  it.each(['export const a = 1;', 'import { a } from "./a.ts";\nexport * from "./b.ts";\na();', ''])('see no barrel in %j', (text) => {
    expect(isBarrel(source(text))).toBe(false);
  });

  it.each(['new Date()', 'new Date', 'Date()', 'f(() => new Date())'])('see %j read the clock', (text) => {
    expect(clockReads(source(`\n${text};`))).toEqual(['example.ts:2']);
  });

  it.each(['new Date(0)', '// new Date()', '"new Date()"', 'clock.now()'])('see no clock in %j', (text) => {
    expect(clockReads(source(text))).toEqual([]);
  });

  it.each(['`select NOW ()`', '"at < clock_timestamp()"', '`a ${b} current_date`', "`'now'::timestamptz`", 'sql`pg_catalog.now()`'])(
    'see %s read the time in SQL',
    (text) => {
      expect(sqlClockReads(source(`f(\n${text});`))).toEqual(['example.ts:2']);
    },
  );

  it.each(['now()', 'clock.now()', '`${now()}`', '`select clock_now()`', '// clock_timestamp()', '`-- now()`', '"the clock.now()"'])(
    'see no time of SQL in %s',
    (text) => {
      expect(sqlClockReads(source(text))).toEqual([]);
    },
  );

  it('read files of SQL without their comments', () => {
    const text = '-- now()\nselect 1; -- now()\nselect now();';
    expect(sqlClockReads({ path: 'example.sql', text })).toEqual(['example.sql:3']);
  });

  it.each(['performance.now()', 'Math.random()', 'setTimeout(f, 1)', 'const g = setImmediate', 'crypto.randomUUID()'])(
    'see time or chance in %j',
    (text) => {
      expect(chanceReads(source(text))).toEqual(['example.ts:1']);
    },
  );

  it.each(['clock.performance', 'ids.random()', '({ crypto: 1 })', '// setTimeout', '"Math.random()"'])('see neither in %j', (text) => {
    expect(chanceReads(source(text))).toEqual([]);
  });

  it.each([
    ["import { performance } from 'node:perf_hooks';", 'performance of node:perf_hooks'],
    ["import * as timers from 'node:timers/promises';", '* of node:timers/promises'],
    ["import { createHmac, randomFill } from 'node:crypto';", 'randomFill of node:crypto'],
    ["import {\n  createHmac,\n  webcrypto as web,\n} from 'node:crypto';", 'webcrypto of node:crypto'],
  ])('see what %j takes past a simulation', (text, found) => {
    expect(unsimulatedImports(source(text), simulated)).toEqual([`example.ts: ${found}`]);
  });

  it.each(["import { createHmac, randomUUID } from 'node:crypto';", "import { type KeyObject, type webcrypto } from 'node:crypto';"])(
    'see nothing in %j',
    (text) => {
      expect(unsimulatedImports(source(text), simulated)).toEqual([]);
    },
  );

  it.each([
    'process.env.PORT',
    'process["env"]',
    'globalThis.process.env',
    'const { env } = process',
    'const { env: e } = globalThis.process',
    'import { env } from "node:process"',
    'import process from "process"',
  ])('see %j read the environment', (text) => {
    expect(environmentReads(source(text))).toEqual(['example.ts:1']);
  });

  it.each(['process.pid', '// process.env', '"process.env"', 'config.env', 'const { pid } = process'])(
    'see no environment in %j',
    (text) => {
      expect(environmentReads(source(text))).toEqual([]);
    },
  );
});
