import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandError } from '../cli/command.ts';
import { LONGEST_LINE, readLines, writeLines } from './kept-lines.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coucou-kept-lines-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function* once(lines: readonly string[]) {
  yield lines;
}
async function read(path: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of readLines(folder, { path })) lines.push(...batch);
  return lines;
}
const expectDamaged = async (path: string, why: RegExp) => {
  const failed = await read(path).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(CommandError);
  expect((failed as Error).message).toMatch(why);
};

describe('lines that are kept', () => {
  it('are read as they were written, whatever separates lines elsewhere', async () => {
    const texts = ['a\u2028b', 'a\u2029b', 'a\u0085b', 'a\rb', 'a\r\nb', '\uFEFF', '😀'.repeat(20_000), ''];
    const lines = texts.map((text) => JSON.stringify([text]));
    await writeLines(folder, 'whole.ndjson.gz', once(lines));
    expect(await read('whole.ndjson.gz')).toEqual(lines);
  });

  it('come in batches', async () => {
    const lines = Array.from({ length: 1_100 }, (_, at) => `["${at}"]`);
    await writeLines(folder, 'many.ndjson.gz', once(lines));
    const batches: number[] = [];
    for await (const batch of readLines(folder, { path: 'many.ndjson.gz' })) batches.push(batch.length);
    expect(batches).toEqual([500, 500, 100]);
  });

  it('are damaged where they cannot be unpacked', async () => {
    await writeLines(folder, 'long.ndjson.gz', once(Array.from({ length: 5_000 }, (_, at) => `["${at * 7_919}"]`)));
    const bytes = await readFile(join(folder, 'long.ndjson.gz'));
    await writeFile(join(folder, 'cut.gz'), bytes.subarray(0, bytes.length >> 1));
    await expectDamaged('cut.gz', /^the back-up is damaged: cut\.gz cannot be read \(Z_BUF_ERROR\)$/);
    await writeFile(join(folder, 'plain.gz'), 'no gzip');
    await expectDamaged('plain.gz', /^the back-up is damaged: plain\.gz cannot be read \(Z_DATA_ERROR\)$/);
    await writeFile(join(folder, 'latin.gz'), gzipSync(Buffer.from('["\xE9"]\n', 'latin1')));
    await expectDamaged('latin.gz', /^the back-up is damaged: latin\.gz is no UTF-8$/);
    await expectDamaged('none.gz', /^the back-up is damaged: none\.gz cannot be read \(ENOENT\)$/);
  });

  it('are not longer than memory bears: neither written nor read', async () => {
    const bomb = gzipSync(Buffer.alloc(LONGEST_LINE + 1, 0x20), { level: 1 });
    await writeFile(join(folder, 'bomb.gz'), bomb);
    expect(bomb.length).toBeLessThan(1_000_000);
    await expectDamaged('bomb.gz', /^the back-up is damaged: bomb\.gz has a line of more than \d+ characters$/);
    await expect(writeLines(folder, 'large.gz', once([' '.repeat(LONGEST_LINE + 1)]))).rejects.toThrow(/a row of more than \d+ characters/);
  });
});
