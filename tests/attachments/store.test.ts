import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createDiskStore } from '@coucou/files/disk-store';
import { createS3Store } from '@coucou/files/s3-store';
import { asId } from '@coucou/domain/kernel/ids';
import { expect, it } from 'vitest';
import { privateDirectory } from '../support/machine.ts';
import { openBucket } from './s3.ts';
import { bytesOf, MANY, read, storeSuite } from './store.suite.ts';

storeSuite('local disk', async () => {
  const directory = await privateDirectory('store');
  const root = path.join(directory, 'uploads');
  const missing = path.join(directory, 'a file');
  await mkdir(root);
  await writeFile(missing, '');
  const filesBelow = async (): Promise<string[]> => {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .toSorted();
  };
  return {
    store: createDiskStore(root),
    leftovers: filesBelow,
    broken: createDiskStore(missing),
    close: () => rm(directory, { recursive: true }),
  };
});

storeSuite('S3-compatible', async () => {
  const bucket = await openBucket();
  const store = createS3Store(bucket.options);
  const broken = createS3Store({ ...bucket.options, endpoint: 'http://127.0.0.1:9' });
  return {
    store,
    broken,
    async leftovers() {
      const keys = [];
      for await (const { key } of store.list()) keys.push(key);
      return keys.toSorted();
    },
    async close() {
      store.close();
      broken.close();
      await bucket.close();
    },
  };
});

// A bucket promises this by itself; the small server that stands in for one here does not keep the promise.
it('shows one whole file, or another, to who reads from the disk while it is replaced', async () => {
  const root = await privateDirectory('store');
  const store = createDiskStore(root);
  const key = store.newKey(asId(randomUUID()));
  const write = (text: string) => store.put(key, bytesOf(text.repeat(25_000), text.repeat(25_000)), { maxBytes: MANY });
  await write('a');
  const writes = Array.from({ length: 8 }, (_, at) => write(String(at)));
  const letters = Array.from({ length: 8 }, async () => new Set(String(await read(await store.get(key)))).size);
  expect(new Set(await Promise.all(letters))).toEqual(new Set([1]));
  await Promise.all(writes);
  expect(new Set(String(await read(await store.get(key)))).size).toBe(1);
  await rm(root, { recursive: true });
});

it('sweeps what a process that was killed left half written, and not what another is writing', async () => {
  const root = await privateDirectory('store');
  const store = createDiskStore(root);
  const partial = path.join(root, '.partial');
  await mkdir(partial);
  for (const name of ['old', 'young']) await writeFile(path.join(partial, name), 'half');
  const yesterday = new Date(Date.now() - 86_400_000);
  await utimes(path.join(partial, 'old'), yesterday, yesterday);
  const keys = [];
  for await (const { key } of store.list()) keys.push(key);
  expect([keys, await readdir(partial)]).toEqual([[], ['young']]);
  await rm(root, { recursive: true });
});
