import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const repository = resolve(import.meta.dirname, '../..');

type Dependencies = Record<string, { version: string }>;
type Lockfile = {
  importers: Record<string, { dependencies?: Dependencies; optionalDependencies?: Dependencies }>;
  packages: Record<string, { os?: string[]; cpu?: string[]; libc?: string[] }>;
  snapshots: Record<string, { dependencies?: Record<string, string>; optionalDependencies?: Record<string, string> }>;
};

const lockfile = parse(readFileSync(join(repository, 'pnpm-lock.yaml'), 'utf8')) as Lockfile;

/** What a newcomer on Linux gets. */
const fits = ({ os = ['linux'], cpu = ['x64'], libc = ['glibc'] }: Lockfile['packages'][string]): boolean =>
  os.includes('linux') && cpu.includes('x64') && libc.includes('glibc');

/** The packages that `tools/run.mjs server` installs: those of the root and of the server, through the workspace. */
function installed(): Set<string> {
  const found = new Set<string>();
  const importers = new Set<string>();
  const visitPackage = (name: string, version: string): void => {
    const key = lockfile.snapshots[`${name}@${version}`] === undefined ? version : `${name}@${version}`;
    const snapshot = lockfile.snapshots[key];
    const described = lockfile.packages[key.replace(/\(.*$/, '')];
    if (found.has(key) || snapshot === undefined || described === undefined || !fits(described)) return;
    found.add(key);
    for (const [each, at] of Object.entries({ ...snapshot.dependencies, ...snapshot.optionalDependencies })) visitPackage(each, at);
  };
  const visitImporter = (folder: string): void => {
    if (importers.has(folder)) return;
    importers.add(folder);
    const { dependencies, optionalDependencies } = lockfile.importers[folder] ?? {};
    for (const [name, { version }] of Object.entries({ ...dependencies, ...optionalDependencies })) {
      if (version.startsWith('link:')) visitImporter(join(folder, version.slice('link:'.length)));
      else visitPackage(name, version);
    }
  };
  visitImporter('.');
  visitImporter('apps/server');
  return found;
}

// More packages make the first minute of a newcomer longer and give strangers more code to change. A new one needs a reason against this.
// 213 with passkeys, whose verifier brings a reader of certificates (14 packages), Redis, mail, OpenID Connect, zxcvbn with its word lists (3), and metrics (4).
// Link previews read HTML (5), web-push is what the design names (13), Stripe's library has no dependency.
// OpenTelemetry (22), which is loaded where a collector is named, and Sentry (6), where a DSN is.
it('lets the server need at most 268 packages', () => {
  const names = [...installed()];
  expect(names.some((name) => name.startsWith('fastify@'))).toBe(true);
  expect(names.some((name) => name.startsWith('vitest@'))).toBe(false);
  expect(names.length).toBeGreaterThan(100);
  expect(names.length).toBeLessThanOrEqual(268);
});
