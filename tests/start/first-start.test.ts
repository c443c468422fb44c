import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environment } from '../support/environment.ts';
import { start } from './support.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'coucou-first-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('the first start of the embedded database', () => {
  it('says what it does, ends at once by a signal, and is begun anew by the next', async () => {
    const env = environment({ env: { DATA_DIR: directory, LOG_LEVEL: 'info' } });
    const unfinished = path.join(directory, 'database.unfinished');

    const first = start('main.ts', [], env);
    await first.says('creating the embedded database');
    first.kill('SIGINT');
    await first.exited;
    expect(first.lines.filter((line) => line.includes('created the embedded database'))).toEqual([]);
    expect(existsSync(unfinished)).toBe(true);

    const second = start('main.ts', [], env);
    await second.says('created the embedded database');
    await second.says('"ready"');
    expect(existsSync(unfinished)).toBe(false);
    second.kill('SIGTERM');
    expect(await second.exited).toBe(0);

    const third = start('main.ts', [], env);
    await third.says('"ready"');
    expect(third.lines.filter((line) => line.includes('the embedded database'))).toEqual([]);
    third.kill('SIGTERM');
    expect(await third.exited).toBe(0);
  });
});
