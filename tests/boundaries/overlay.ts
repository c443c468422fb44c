import { existsSync, globSync } from 'node:fs';
import { cp, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { workspaces } from './workspaces.ts';

/** strict: as pnpm installed them. hoisted: every library is found from everywhere, as after adding it to each package.json. */
export type Install = 'strict' | 'hoisted';

export interface Planted {
  /** Relative to the tree. */
  file: string;
  folder: string;
  /** The statement that imports a library; the index keeps names apart. */
  statement: (specifier: string, index: number) => string;
}

type Form = [name: string, statement: Planted['statement']];
const plain: Form = ['plain', (specifier) => `import '${specifier}';`];
/** The other ways in which a file can name a module, types included. */
const others: Form[] = [
  ['type', (specifier, index) => `import type { Named as Named${index} } from '${specifier}';`],
  ['again', (specifier, index) => `export { named as named${index} } from '${specifier}';`],
  ['dynamic', (specifier) => `await import('${specifier}');`],
  ['inline', (specifier, index) => `export type Inline${index} = import('${specifier}').Named;`],
];

/** A feature package that nobody has installed, so that its rooms are planted in even while the repository has none. */
const foreign = ['', '/domain', '/contracts', '/application', '/storage'].map((room) => `packages/foreign/src${room}`);

/**
 * What to plant: a plain import in every folder of product source below `root`, and in those of a feature package as
 * another team would add it; the other forms of import once per package.
 */
export function plan(root: string): Planted[] {
  const roots = workspaces(root)
    .map(({ folder }) => folder)
    .filter((folder) => /^(packages|apps)\//.test(folder))
    .map((folder) => `${folder}/src`);
  const below = roots.flatMap((source) => globSync(`${source}/**/*.ts`, { cwd: root })).map((path) => dirname(path).replaceAll('\\', '/'));

  return [...new Set([...roots, ...below, ...foreign])].flatMap((folder) =>
    [plain, ...(folder.endsWith('/src') ? others : [])].map(([form, statement]) => ({
      file: `${folder}/planted-${form}.ts`,
      folder,
      statement,
    })),
  );
}

/**
 * Lays out a temporary tree with the folders and the installed packages of the repository at `root`, in which every
 * planted file imports all of `specifiers`, and answers its path. The repository itself is left alone: tools and tests
 * that run at the same time see none of it.
 */
export async function overlay(root: string, planted: Planted[], specifiers: string[], install: Install): Promise<string> {
  const tree = await mkdtemp(join(tmpdir(), 'coucou-planted-'));
  const packages = workspaces(root).map(({ folder }) => folder);

  for (const folder of packages) {
    await mkdir(join(tree, folder), { recursive: true });
    await cp(join(root, folder, 'package.json'), join(tree, folder, 'package.json'));
    if (existsSync(join(root, folder, 'node_modules')))
      await symlink(join(root, folder, 'node_modules'), join(tree, folder, 'node_modules'));
  }
  if (install === 'strict') await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
  else {
    for (const specifier of specifiers) {
      const owner = packages.find((folder) => existsSync(join(root, folder, 'node_modules', specifier)));
      if (owner === undefined) throw new Error(`No package of this repository lists ${specifier}.`);
      await mkdir(dirname(join(tree, 'node_modules', specifier)), { recursive: true });
      await symlink(join(root, owner, 'node_modules', specifier), join(tree, 'node_modules', specifier));
    }
  }

  for (const { file, statement } of planted) {
    await mkdir(dirname(join(tree, file)), { recursive: true });
    await writeFile(join(tree, file), `${specifiers.map(statement).join('\n')}\nexport {};\n`);
  }
  return tree;
}
