import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ICruiseResult } from 'dependency-cruiser';
import { cruiseTree, edges, libraryImports, modulesIn, repository, rules, violations } from './cruise.ts';
import { allowed, forbidden, plant } from './fixture.ts';
import { workspaces } from './workspaces.ts';

/**
 * The fewest modules the cruiser must have seen in each room. A cruiser that cannot parse TypeScript sees none, breaks
 * no rule and passes; these floors are what makes its silence mean something. Raise them as the rooms fill.
 */
const fewestModules: Record<string, number> = {
  'packages/domain/src': 40,
  'packages/contracts/src': 40,
  'packages/application/src': 60,
  'packages/infrastructure': 60,
  'apps/server/src': 15,
};

/** The same for libraries: an edge that is excluded before a rule sees it breaks none. */
const fewestImports: Record<string, number> = {
  zod: 90,
  kysely: 30,
  pg: 10,
  '@electric-sql/pglite': 1,
  tsyringe: 1,
  fastify: 8,
  'socket.io': 6,
  ioredis: 1,
  argon2: 1,
  jose: 1,
  sharp: 1,
};

/** Arrows that exist in any working tree; a missing one means that `exports` maps no longer resolve. */
const arrows = [
  ['packages/contracts/src', 'packages/domain/src'],
  ['packages/application/src', 'packages/domain/src'],
  ['packages/infrastructure', 'packages/application/src'],
  ['packages/infrastructure', 'packages/contracts/src'],
  ['apps/server/src', 'packages/infrastructure'],
] as const;

describe('the imports of this repository', () => {
  let result: ICruiseResult;

  beforeAll(async () => {
    result = await cruiseTree(repository, ['packages', 'apps', 'tests', 'bench', 'tools']);
  });

  it('cross no boundary', () => {
    expect(violations(result)).toEqual([]);
  });

  it.each(Object.entries(fewestModules))('were read in %s (at least %i modules)', (folder, fewest) => {
    expect(modulesIn(result, folder)).toBeGreaterThanOrEqual(fewest);
  });

  it.each(arrows)('were followed from %s to %s', (from, to) => {
    expect(edges(result, from, to)).toBeGreaterThan(0);
  });

  it.each(Object.entries(fewestImports))('of %s were seen (at least %i)', (library, fewest) => {
    expect(libraryImports(result, '', library)).toBeGreaterThanOrEqual(fewest);
  });

  it('of libraries were seen, one at least of each that a package of the product depends on', () => {
    const product = workspaces(repository).filter(({ folder }) => /^(packages|apps)\//.test(folder));
    const dependencies = product.flatMap(({ folder, dependencies: names }) =>
      names.filter((name) => !name.startsWith('@coucou/')).map((name) => [folder, name] as const),
    );
    expect(dependencies.length).toBeGreaterThanOrEqual(40);
    expect(dependencies.filter(([folder, name]) => libraryImports(result, folder, name) === 0)).toEqual([]);
    expect(libraryImports(result, '', '')).toBeGreaterThanOrEqual(400);
  });
});

describe('the rules', () => {
  const trees: string[] = [];
  const cruiseFixture = async (imports: Record<string, string>): Promise<ICruiseResult> => {
    const root = await plant(imports);
    trees.push(root);
    return cruiseTree(root, ['packages', 'apps', 'tests', 'tools']);
  };

  afterAll(async () => {
    for (const tree of trees) await rm(tree, { recursive: true });
  });

  it('each give a reason', () => {
    expect(rules.filter(({ comment }) => !comment).map(({ name }) => name)).toEqual([]);
  });

  it('each have an example of what they forbid', () => {
    expect(Object.keys(forbidden).toSorted()).toEqual(rules.map(({ name }) => name).toSorted());
  });

  it('catch every forbidden import', async () => {
    const planted = Object.entries(forbidden).flatMap(([rule, imports]) => Object.keys(imports).map((file) => `${rule}: ${file}`));
    const result = await cruiseFixture(Object.assign({}, ...Object.values(forbidden)));
    const caught = new Set(result.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`));

    expect(planted.filter((entry) => !caught.has(entry))).toEqual([]);
  });

  it('let every allowed import pass', async () => {
    expect(violations(await cruiseFixture(allowed))).toEqual([]);
  });
});
