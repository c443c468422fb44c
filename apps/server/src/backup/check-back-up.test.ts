import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { progressOn } from '../cli/progress.ts';
import { checkContents } from './check-back-up.ts';
import { writeLines } from './kept-lines.ts';
import { FORMAT, type Manifest, readManifest, writeManifest } from './manifest.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'coucou-back-up-'));
});
afterAll(() => rm(root, { recursive: true }));

async function* batch(lines: readonly string[]) {
  yield lines;
}

/** A back-up that is whole in itself, as somebody could send one. */
async function backUp(files: readonly string[], change: Partial<Manifest> = {}): Promise<{ folder: string; manifest: Manifest }> {
  const folder = await mkdtemp(join(root, 'of-'));
  const list = await writeLines(folder, 'files.ndjson.gz', batch(files));
  const manifest: Manifest = {
    format: FORMAT,
    product: '0.1.0',
    createdAt: '2026-01-01T00:00:00Z',
    engine: 'PostgreSQL',
    epoch: 'e',
    migrations: {},
    folding: 'f',
    tables: [],
    files: { list, count: files.length, bytes: 0, missing: 0 },
    ...change,
  };
  await writeManifest(folder, manifest);
  return { folder, manifest };
}

const key = '00000000-0000-4000-8000-000000000001/00000000-0000-4000-8000-000000000002';

it('holds uploads and archives', async () => {
  const lines = [
    { key, missing: true },
    { key: key.replace('/', '/archive-'), missing: true },
  ];
  const { folder, manifest } = await backUp(lines.map((line) => JSON.stringify(line)));
  await expect(checkContents(folder, manifest, progressOn())).resolves.toBeUndefined();
});

describe('a back-up from somewhere else', () => {
  it.each([['../../../../etc/hostname'], ['/etc/hostname'], [`${key}/../../../../../etc/hostname`], [`${key}\u0000.txt`], ['']])(
    'is refused with a file outside of it: %j',
    async (hostile) => {
      for (const line of [
        { key: hostile, size: 1, sha256: 'x' },
        { key: hostile, missing: true },
      ]) {
        const { folder, manifest } = await backUp([JSON.stringify(line)]);
        await expect(checkContents(folder, manifest, progressOn())).rejects.toThrow(/damaged: its list of files/);
      }
    },
  );

  it.each(['{', '[]', 'null', JSON.stringify({ key, size: -1, sha256: 'x' })])(
    'is refused with a list that cannot be read: %s',
    async (line) => {
      const { folder, manifest } = await backUp([line]);
      await expect(checkContents(folder, manifest, progressOn())).rejects.toThrow(/damaged: its list of files/);
    },
  );

  it.each(['../x.ndjson.gz', '/etc/x.gz', 'database/../../x.gz', 'database//x.gz', 'a.b'])(
    'is refused with a table in a file outside of it: %s',
    async (path) => {
      const { folder } = await backUp([], { tables: [{ path, bytes: 1, sha256: 'x', name: 'message', columns: [], rows: 0 }] });
      await expect(readManifest(folder)).rejects.toThrow(/damaged: its manifest.json lacks/);
    },
  );

  it('is refused where a link leads to what was not written', async () => {
    const { folder, manifest } = await backUp([]);
    await symlink('/etc/hostname', join(folder, 'message.ndjson.gz'));
    const tables = [{ path: 'message.ndjson.gz', bytes: 1, sha256: 'x', name: 'message', columns: [], rows: 0 }];
    await expect(checkContents(folder, { ...manifest, tables }, progressOn())).rejects.toThrow(/message.ndjson.gz is not what was written/);
  });
});
