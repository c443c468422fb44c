// `pnpm release`: makes the next version of the changesets. All packages have one version, that of the product; what changed is told once, in
// CHANGELOG.md, from the changelog of the server.
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const repository = process.cwd();
const read = (file: string): string => readFileSync(path.join(repository, file), 'utf8');
const write = (file: string, text: string): void => writeFileSync(path.join(repository, file), text);
const versionOf = (file: string): string => (JSON.parse(read(file)) as { version: string }).version;

const before = versionOf('apps/server/package.json');
execFileSync('changeset', ['version'], { stdio: 'inherit' });
const version = versionOf('apps/server/package.json');
if (version === before) {
  console.error('There is no changeset: `pnpm changeset` writes one');
  process.exit(1);
}

const [, changes = ''] = read('apps/server/CHANGELOG.md').split(/^## .*$/m);
for (const file of globSync('{apps,bench,packages,packages/infrastructure,tests}/{CHANGELOG.md,*/CHANGELOG.md}'))
  rmSync(path.join(repository, file));
write('CHANGELOG.md', read('CHANGELOG.md').replace(/^(?=## )/m, `## ${version}\n\n${changes.trim()}\n\n`));

write('package.json', read('package.json').replace(`"version": "${versionOf('package.json')}"`, `"version": "${version}"`));
const chart = 'deploy/helm/coucou/Chart.yaml';
write(chart, read(chart).replaceAll(/^((?:appV|v)ersion): .*$/gm, `$1: ${version}`));
console.log(`Version ${version}. Commit it, and once ci has passed on main: git tag v${version} && git push origin v${version}`);
