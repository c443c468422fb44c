import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { filesBeside } from './files-beside.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'coucou-beside-'));
  folder = path.join(root, 'export');
  await mkdir(path.join(folder, 'files'), { recursive: true });
  await mkdir(path.join(root, 'private'));
  await writeFile(path.join(root, 'private', 'secret'), 'of the operator');
  await writeFile(path.join(folder, 'files', 'note'), 'of the export');
});
afterEach(() => rm(root, { recursive: true }));

it('a file is read, also where the operator names the folder by a link', async () => {
  await symlink(folder, path.join(root, 'link'));
  for (const named of [folder, path.join(root, 'link')]) {
    const found = await filesBeside(named)('files/note');
    expect([found?.size, found && (await text(found.body as AsyncIterable<Buffer>))]).toEqual([13, 'of the export']);
  }
});

it('a link that came with the export is not followed: to a file, nor for the whole folder of files', async () => {
  await symlink(path.join(root, 'private', 'secret'), path.join(folder, 'files', 'secret'));
  expect(await filesBeside(folder)('files/secret')).toBeUndefined();
  await rm(path.join(folder, 'files'), { recursive: true });
  await symlink(path.join(root, 'private'), path.join(folder, 'files'));
  expect(await filesBeside(folder)('files/secret')).toBeUndefined();
});

it('what is no file is none', async () => {
  await mkdir(path.join(folder, 'files', 'folder'));
  for (const name of ['files/folder', 'files/none', 'files/note/more']) expect(await filesBeside(folder)(name)).toBeUndefined();
});
