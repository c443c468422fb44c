import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Workspace {
  /** Relative to the repository, with forward slashes: `packages/domain`. */
  folder: string;
  /** `@coucou/domain`. */
  name: string;
  dependencies: string[];
  devDependencies: string[];
}

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** Every workspace package below `root`, wherever it lies. */
export function workspaces(root: string): Workspace[] {
  return globSync('{packages/*,packages/infrastructure/*,apps/*,tests,bench}/package.json', { cwd: root })
    .toSorted()
    .map((path) => {
      const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest;
      return {
        folder: path.replaceAll('\\', '/').replace(/\/package\.json$/, ''),
        name: manifest.name,
        dependencies: Object.keys(manifest.dependencies ?? {}),
        devDependencies: Object.keys(manifest.devDependencies ?? {}),
      };
    });
}

/** The folders, relative to `root`, that the tsconfig.json of `folder` references. */
export function references(root: string, folder: string): string[] {
  const tsconfig = JSON.parse(readFileSync(join(root, folder, 'tsconfig.json'), 'utf8')) as { references?: { path: string }[] };
  return (tsconfig.references ?? []).map(({ path }) => join(folder, path).replaceAll('\\', '/'));
}
