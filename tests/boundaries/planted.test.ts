import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ICruiseResult } from 'dependency-cruiser';
import { cruiseTree, repository } from './cruise.ts';
import { type Install, overlay, plan } from './overlay.ts';

interface Library {
  specifier: string;
  /** The rule that reports it outside its homes. */
  rule: string;
  /** Where it may be imported. */
  homes: RegExp;
}

const postgres = /^packages\/infrastructure\/postgres\/src\b/;
const http = /^packages\/infrastructure\/(http|docs|realtime|tracing)\/src\b/;
const realtime = /^packages\/infrastructure\/realtime\/src\b/;
const files = /^packages\/infrastructure\/files\/src\b/;
const security = /^packages\/infrastructure\/security\/src\b/;

/** Stated here once more, by hand: a home that is added to a rule has to be added here on purpose. */
const libraries: Library[] = [
  {
    specifier: 'kysely',
    rule: 'queries-only-in-storage',
    homes: /^packages\/(infrastructure\/postgres\/src|(?!infrastructure)[^/]+\/src\/storage)\b/,
  },
  { specifier: 'pg', rule: 'connections-only-in-postgres', homes: postgres },
  { specifier: '@electric-sql/pglite', rule: 'connections-only-in-postgres', homes: postgres },
  { specifier: 'tsyringe', rule: 'container-only-in-composition', homes: /^apps\/server\/src\/composition\b/ },
  { specifier: 'ioredis', rule: 'redis-only-in-redis', homes: /^packages\/infrastructure\/redis\/src\b/ },
  { specifier: 'fastify', rule: 'fastify-only-behind-http', homes: http },
  { specifier: 'socket.io', rule: 'sockets-only-in-realtime', homes: realtime },
  { specifier: 'argon2', rule: 'cryptography-only-in-security', homes: security },
  { specifier: 'jose', rule: 'cryptography-only-in-security', homes: security },
  { specifier: '@sentry/node', rule: 'sentry-only-in-error-reports', homes: /^packages\/infrastructure\/error-reports\/src\b/ },
  { specifier: 'sharp', rule: 'files-only-in-files', homes: files },
  { specifier: '@aws-sdk/client-s3', rule: 'files-only-in-files', homes: files },
];

const specifiers = [...libraries.map(({ specifier }) => specifier), 'zod'];

/** The inner rooms have a rule of their own, which reports any library but those that the room is made of. */
const rooms = [
  { room: 'domain', rule: 'domain-imports-nothing', madeOf: [] as string[] },
  { room: 'contracts', rule: 'contracts-import-zod-and-limits', madeOf: ['zod'] },
  { room: 'application', rule: 'application-imports-domain', madeOf: [] as string[] },
];

const planted = plan(repository);
/** The planted files whose folder `matches`. */
const plantedWhere = (matches: (folder: string) => boolean): string[] =>
  planted.filter(({ folder }) => matches(folder)).map(({ file }) => file);

/**
 * Installed strictly, most of these imports do not resolve, and the bare specifier has to break the rule. Hoisted, as
 * after adding the library to the package.json, they resolve, most of them below a dist/, and the path has to break it.
 */
describe.each<Install>(['strict', 'hoisted'])('a library planted in every folder of the tree, installed %s,', (install) => {
  let root: string;
  let result: ICruiseResult;
  /** `rule: file → specifier`. */
  let reported: Set<string>;

  beforeAll(async () => {
    root = await overlay(repository, planted, specifiers, install);
    result = await cruiseTree(root, ['packages', 'apps']);
    const imported = new Map(
      result.modules.flatMap(({ source, dependencies }) => dependencies.map(({ resolved, module }) => [`${source} ${resolved}`, module])),
    );
    reported = new Set(result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${imported.get(`${from} ${to}`)}`));
  });

  afterAll(async () => {
    await rm(root, { recursive: true, force: true });
  });

  it('was read in every file, in every form of import', () => {
    const read = result.modules.flatMap(({ source, dependencies }) => dependencies.map(({ module }) => `${source} → ${module}`));
    expect(planted.length).toBeGreaterThanOrEqual(150);
    expect(planted.flatMap(({ file }) => specifiers.map((specifier) => `${file} → ${specifier}`)).toSorted()).toEqual(
      [...new Set(read)].toSorted(),
    );
  });

  it('resolved as it is installed', () => {
    const dependencies = result.modules.flatMap((module) => module.dependencies);
    const unresolved = new Set(dependencies.filter(({ couldNotResolve }) => couldNotResolve).map(({ module }) => module));
    const built = new Set(dependencies.filter(({ resolved }) => /node_modules\/.*\/dist/.test(resolved)).map(({ module }) => module));

    expect([...unresolved].toSorted()).toEqual(install === 'hoisted' ? [] : specifiers.toSorted());
    expect([...built]).toEqual(expect.arrayContaining(['kysely', 'tsyringe', '@electric-sql/pglite', 'socket.io']));
  });

  it.each(libraries)('$specifier, is reported outside its home and nowhere else', ({ specifier, rule, homes }) => {
    const expected = plantedWhere((folder) => !homes.test(folder)).map((file) => `${rule}: ${file} → ${specifier}`);
    const actual = [...reported].filter((line) => line.startsWith(`${rule}: `) && line.endsWith(` → ${specifier}`));
    expect(actual.toSorted()).toEqual(expected.toSorted());
  });

  it.each(rooms)('is reported by the room $room, in the core and in a feature package', ({ room, rule, madeOf }) => {
    const inside = new RegExp(`^packages/(${room}/src|[^/]+/src/${room})\\b`);
    const expected = plantedWhere((folder) => inside.test(folder)).flatMap((file) =>
      specifiers.filter((specifier) => !madeOf.includes(specifier)).map((specifier) => `${rule}: ${file} → ${specifier}`),
    );
    expect(expected.length).toBeGreaterThanOrEqual(10 * (specifiers.length - madeOf.length));
    expect(expected.filter((line) => !reported.has(line))).toEqual([]);
  });
});
