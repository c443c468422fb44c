import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { coreSchema } from '@coucou/postgres/schema/core-schema';
import { noProgress } from '../cli/progress.ts';
import { checkContents, requireKnownSchema } from './check-back-up.ts';
import { readLines } from './kept-lines.ts';
import { type Manifest, readManifest } from './manifest.ts';

/** A back-up that somebody made to do harm: its hashes are right, so that only what it holds can give it away. */

const TABLE = 'database/app_user.ndjson.gz';
const LIST = 'files.ndjson.gz';
const ACCOUNT = '00000000-0000-4000-8000-000000000001';
const KEY = `${ACCOUNT}/00000000-0000-4000-8000-000000000002`;

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coucou-hostile-'));
  folder = path.join(root, 'backup');
  await mkdir(path.join(folder, 'database'), { recursive: true });
  await mkdir(path.join(folder, 'files', ACCOUNT), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

const kept = (bytes: string | Uint8Array) => ({
  bytes: Buffer.from(bytes).length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});
async function put(at: string, bytes: string | Uint8Array) {
  await writeFile(path.join(folder, at), bytes);
  return { path: at, ...kept(bytes) };
}

type Given = Readonly<{ rows?: string | Uint8Array; list?: string | Uint8Array; change?: (manifest: Manifest) => unknown }>;

const lineOf = (file: object) => gzipSync(`${JSON.stringify(file)}\n`);

/** One table of a row, and one file. */
async function write({ rows = gzipSync('["a"]\n'), list, change = (manifest) => manifest }: Given = {}): Promise<void> {
  const file = await put(`files/${KEY}`, 'what is in the file');
  const manifest: Manifest = {
    format: 1,
    product: '1.0.0',
    createdAt: '2026-01-31T03:00:00.000Z',
    engine: 'PostgreSQL 15',
    epoch: 'before',
    migrations: { coucou: Object.keys(coreSchema.migrations) },
    folding: 'none',
    tables: [{ ...(await put(TABLE, rows)), name: 'app_user', columns: ['id'], rows: 1 }],
    files: {
      list: await put(LIST, list ?? lineOf({ key: KEY, size: file.bytes, sha256: file.sha256 })),
      count: 1,
      bytes: file.bytes,
      missing: 0,
    },
  };
  await writeFile(path.join(folder, 'manifest.json'), JSON.stringify(change(manifest)));
}

/** As `restore` reads it before it writes anything. */
async function check(): Promise<void> {
  const manifest = await readManifest(folder);
  requireKnownSchema(manifest);
  await checkContents(folder, manifest, noProgress);
}
async function expectRefused(why: RegExp, work = check): Promise<void> {
  const error: unknown = await work().then(
    () => 'it was accepted',
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ name: 'CommandError', message: expect.stringMatching(why) });
}

it('a back-up that is right is accepted', async () => {
  await write();
  await expect(check()).resolves.toBeUndefined();
});

describe('a manifest', () => {
  const table =
    (more: object) =>
    (manifest: Manifest): unknown => ({ ...manifest, tables: manifest.tables.map((each) => ({ ...each, ...more })) });
  const files =
    (more: object) =>
    (manifest: Manifest): unknown => ({ ...manifest, files: { ...manifest.files, ...more } });
  it.each<[string, (manifest: Manifest) => unknown]>([
    ['a path that leads out', table({ path: '../manifest.json' })],
    ['an absolute path', table({ path: '/etc/passwd' })],
    ['a path that leads out and back', files({ list: { path: 'database/../x.ndjson.gz', ...kept('') } })],
    ['a negative size', table({ bytes: -1 })],
    ['a negative number of rows', table({ rows: -1 })],
    ['a hash that is none', table({ sha256: 'none' })],
    ['a table twice', (manifest) => ({ ...manifest, tables: [...manifest.tables, ...manifest.tables] })],
    ['a column twice', table({ columns: ['id', 'id'] })],
    ['a version that writes to the terminal', (manifest) => ({ ...manifest, product: '1.0.0\u001B[2J' })],
    ['a migration that writes to the terminal', (manifest) => ({ ...manifest, migrations: { coucou: ['0001\u001B[2J'] } })],
    ['nothing in it', () => null],
    ['a format that is no number', (manifest) => ({ ...manifest, format: '1' })],
  ])('is refused with %s', async (_what, change) => {
    await write({ change });
    await expectRefused(/is damaged: its manifest\.json/);
  });
});

it('a back-up of a schema that no version has is refused', async () => {
  const [first = '', second = '', third = ''] = Object.keys(coreSchema.migrations);
  await write({ change: (manifest) => ({ ...manifest, migrations: { coucou: [first, third] } }) });
  await expectRefused(new RegExp(`lists the migration coucou/${third}, but not coucou/${second} before it$`));
  await write({ change: (manifest) => ({ ...manifest, migrations: {} }) });
  await expectRefused(/lists no migration$/);
});

describe('a list of files', () => {
  const file = kept('what is in the file');
  it.each<[string, string | Uint8Array]>([
    ['a key that leads out', lineOf({ key: '../../outside', size: 4, sha256: kept('here').sha256 })],
    ['a key that is absolute', lineOf({ key: '/etc/passwd', size: 4, sha256: kept('here').sha256 })],
    ['a missing file whose key leads out', lineOf({ key: '../../outside', missing: true })],
    ['a negative size', lineOf({ key: KEY, size: -1, sha256: file.sha256 })],
    ['a line that is no JSON', gzipSync('{"key"\n')],
    ['a line of another kind', gzipSync('[]\n')],
    ['fewer files than the manifest says', gzipSync('')],
    ['more files than the manifest says', gzipSync(`${JSON.stringify({ key: KEY, size: file.bytes, sha256: file.sha256 })}\n`.repeat(2))],
    ['no gzip', 'plain text'],
    ['a gzip that is cut off', lineOf({ key: KEY, size: file.bytes, sha256: file.sha256 }).subarray(0, -12)],
  ])('is refused with %s', async (_what, list) => {
    await writeFile(path.join(root, 'outside'), 'here');
    await write({ list });
    await expectRefused(/^the back-up is damaged: files\.ndjson\.gz /);
  });
});

describe('a link', () => {
  const replaced = async (at: string) => {
    await write();
    await rename(path.join(folder, at), path.join(root, 'elsewhere'));
    await symlink(path.join(root, 'elsewhere'), path.join(folder, at));
  };
  it.each([
    ['the manifest', 'manifest.json'],
    ['a table', TABLE],
    ['a folder', 'database'],
    ['the list of files', LIST],
    ['a file', `files/${KEY}`],
    ['the folder of files', 'files'],
  ])('is not followed for %s, though what it leads to is right', async (_what, at) => {
    await replaced(at);
    await expectRefused(/is not a file of the back-up|cannot be read/);
  });

  it('to what never ends is not read', async () => {
    await write();
    await rm(path.join(folder, TABLE));
    await symlink('/dev/zero', path.join(folder, TABLE));
    await expectRefused(/app_user\.ndjson\.gz is not a file of the back-up/);
  });

  it('to the whole back-up is followed: it is what the operator named', async () => {
    await write();
    await symlink(folder, path.join(root, 'link'));
    const link = path.join(root, 'link');
    await expect(checkContents(link, await readManifest(link), noProgress)).resolves.toBeUndefined();
  });
});

describe('rows', () => {
  const read = async () => {
    for await (const lines of readLines(folder, { path: TABLE })) void lines;
  };
  it.each<[string, string | Uint8Array]>([
    ['no gzip', 'plain text'],
    ['a gzip that is cut off', gzipSync('["a"]\n'.repeat(1_000)).subarray(0, -12)],
    ['a gzip that grows to a line without an end', gzipSync(Buffer.alloc(80 * 1_024 * 1_024))],
  ])('are refused in %s', async (_what, rows) => {
    await write({ rows });
    await expectRefused(/^the back-up is damaged: database\/app_user\.ndjson\.gz /, read);
  });
});
