import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bucketEnvironment, openBucket } from '../attachments/s3.ts';
import { createDatabase } from '../support/database.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { fill, readAgain } from './kept.ts';
import { command } from './support.ts';

let source: SpawnedApp;
let data: string;
let filled: Awaited<ReturnType<typeof fill>>;
let target: Database;
beforeAll(async () => {
  source = await spawnTestApp();
  data = path.join(source.directory, 'data');
  filled = await fill(source);
  target = await createDatabase({ empty: true });
});
afterAll(async () => {
  await source.stop();
  await target.drop();
});

const move = (to: string, env: Record<string, string> = {}) => command(['move', '--to', to], { DATA_DIR: data, ...env });

it('is refused where it cannot be right', async () => {
  expect(await command(['move'], { DATA_DIR: data })).toMatchObject({ code: 2, stderr: expect.stringMatching(/^--to takes the URL/) });
  expect(await move('mysql://here/coucou')).toMatchObject({ code: 2 });
  expect(await move(target.ownerUrl, { DATABASE_URL: target.url })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^DATABASE_URL is set/),
  });
  expect(await move(target.ownerUrl, { DATA_DIR: path.join(source.directory, 'none') })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/ has no database$/),
  });
  expect(await move(target.ownerUrl)).toMatchObject({ code: 1, stderr: expect.stringMatching(/in use by process/) });
});

it('brings every row and every file to PostgreSQL and a bucket, under the same epoch', async () => {
  const { epoch } = await readAgain(source, filled);
  await source.kill('SIGTERM');
  const bucket = await openBucket();
  const s3 = bucketEnvironment(bucket);
  const { code, stdout, stderr } = await move(target.ownerUrl, s3);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(
    /^Moved \d+ rows; the epoch is the same\.\nCopied 1 files into the bucket\.\nEverything is as it must be, by \d+ checks\.$/,
  );
  // From here on nothing comes from there.
  for (const account of await readdir(path.join(data, 'uploads'))) await rm(path.join(data, 'uploads', account), { recursive: true });
  const server = await spawnTestApp({ database: target, env: { DATA_DIR: data, ...s3 } });
  // What the client holds already does not come again.
  expect(await readAgain(server, filled, epoch)).toEqual({
    epoch,
    reset: undefined,
    texts: [undefined],
    file: 'what is in the file',
  });
  expect(server.logs().filter(({ msg }) => msg.includes('in another place'))).toEqual([]);
  await server.kill('SIGTERM');
  expect(await move(target.ownerUrl)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^the database holds people or conversations already/),
  });
  await server.stop();
  await bucket.close();
});
