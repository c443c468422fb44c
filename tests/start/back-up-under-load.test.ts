import { rm } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { asAdmin, createDatabase } from '../support/database.ts';
import { privateDirectory } from '../support/machine.ts';
import { backUpUnderLoad } from './back-up-under-load.ts';

it('a back-up that is written while people write holds everything that was acknowledged before it, and is whole', async () => {
  const directory = await privateDirectory('under-load');
  const [source, target] = [await createDatabase(), await createDatabase({ empty: true })];
  try {
    const { before, during, restored, files } = await backUpUnderLoad({
      source,
      target,
      backupUrl: asAdmin(source.url),
      targetUrl: asAdmin(target.url),
      folder: path.join(directory, 'backup'),
      messages: 2_000,
      writers: 4,
    });
    expect(during).toBeGreaterThan(0);
    expect(files).toBeGreaterThan(0);
    expect(restored).toBeGreaterThanOrEqual(before);
    expect(restored).toBeLessThanOrEqual(before + during + 4);
  } finally {
    await Promise.all([source.drop(), target.drop(), rm(directory, { recursive: true })]);
  }
}, 300_000);
