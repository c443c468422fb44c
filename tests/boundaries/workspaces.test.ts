import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository } from './cruise.ts';
import { references, type Workspace, workspaces } from './workspaces.ts';

const all = workspaces(repository);
const names = new Set(all.map(({ name }) => name));
const ours = ({ dependencies, devDependencies }: Workspace): string[] =>
  [...dependencies, ...devDependencies].filter((name) => names.has(name)).toSorted();

const inner = ['@coucou/domain', '@coucou/contracts', '@coucou/application'];
const isFeaturePackage = ({ folder }: Workspace): boolean =>
  /^packages\/[^/]+$/.test(folder) && !/^packages\/(domain|contracts|application|client)$/.test(folder);

/** The packages of ours that a package may list. Undefined: any. What it may import from them is for the cruiser to say. */
function mayList(workspace: Workspace): string[] | undefined {
  const { folder } = workspace;
  if (folder === 'packages/domain') return [];
  if (folder === 'packages/contracts' || folder === 'packages/application') return ['@coucou/domain'];
  if (folder === 'packages/client') return ['@coucou/contracts'];
  if (folder === 'packages/infrastructure/features') return [...inner, '@coucou/postgres'];
  if (isFeaturePackage(workspace)) return [...inner, '@coucou/features', '@coucou/postgres'];
  if (folder.startsWith('packages/infrastructure/')) return inner;
  return undefined;
}

describe('the packages of this repository', () => {
  it('were found', () => {
    expect(all.map(({ folder }) => folder)).toEqual(
      expect.arrayContaining(['packages/domain', 'packages/infrastructure/postgres', 'apps/server', 'tests']),
    );
    expect(all.length).toBeGreaterThanOrEqual(15);
  });

  it('list no package that their imports may not reach', () => {
    const listed = all.flatMap((workspace) => {
      const allowed = mayList(workspace);
      return ours(workspace)
        .filter((name) => allowed && !allowed.includes(name))
        .map((name) => `${workspace.folder} lists ${name}`);
    });
    expect(listed).toEqual([]);
  });

  it('leave feature packages to the server and the tests', () => {
    const features = new Set(all.filter(isFeaturePackage).map(({ name }) => name));
    const listing = all.filter(({ folder }) => !/^(apps\/server|tests)$/.test(folder));
    expect(
      listing.flatMap((workspace) =>
        ours(workspace)
          .filter((name) => features.has(name))
          .map((name) => `${workspace.folder} lists ${name}`),
      ),
    ).toEqual([]);
  });
});

describe('the project references', () => {
  const folderOf = new Map(all.map(({ name, folder }) => [name, folder]));
  /** tests/ exports nothing: what measures the product starts its services by relative imports. */
  const importedByPath: Record<string, string[]> = { bench: ['tests'] };

  // A missing one is a project that the compiler reads as source, again for every importer; a superfluous one is an
  // arrow that nobody would allow in package.json.
  it.each(all.map((workspace) => [workspace.folder, workspace] as const))('of %s are its dependencies', (folder, workspace) => {
    const dependencies = ours(workspace).map((name) => folderOf.get(name));
    expect(references(repository, folder).toSorted()).toEqual([...dependencies, ...(importedByPath[folder] ?? [])].toSorted());
  });

  it('lead from the root to every project, so that one build checks them all', () => {
    const reached = new Set<string>();
    const visit = (folder: string): void => {
      if (reached.has(folder)) return;
      reached.add(folder);
      references(repository, folder).forEach(visit);
    };
    visit('.');

    const projects = [...all.map(({ folder }) => folder), 'tools'].filter((folder) =>
      existsSync(join(repository, folder, 'tsconfig.json')),
    );
    expect(projects.filter((folder) => !reached.has(folder))).toEqual([]);
  });
});
