import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createOnce } from './create-once.ts';

let parent: string;
let directory: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'coucou-once-'));
  directory = join(parent, 'database');
});
afterEach(() => rm(parent, { recursive: true }));

const mark = () => `${directory}.unfinished`;
const put = (text: string) => writeFile(join(directory, 'data'), text);
const data = () => readFile(join(directory, 'data'), 'utf8');
const killed = () =>
  createOnce(directory, async () => {
    await put('half');
    throw new Error('killed');
  }).catch(() => {});

describe('creating a database once', () => {
  it('creates it where there is none, or an empty directory, and opens it from then on', async () => {
    for (const isThere of [false, true]) {
      await rm(directory, { recursive: true, force: true });
      if (isThere) await mkdir(directory);
      let created = 0;
      for (let start = 0; start < 2; start += 1) {
        const isFirst = start === 0;
        await createOnce(
          directory,
          async () => {
            expect(existsSync(mark())).toBe(isFirst);
            if (isFirst) await put('whole');
          },
          () => (created += 1),
        );
      }
      expect([created, await data(), existsSync(mark())]).toEqual([1, 'whole', false]);
    }
  });

  it('creates one again that was not finished', async () => {
    await killed();
    await createOnce(directory, async () => expect(existsSync(join(directory, 'data'))).toBe(false));
    expect(existsSync(mark())).toBe(false);
  });

  it('never removes another one that was put in its place', async () => {
    const restored = join(parent, 'back-up');
    await mkdir(restored);
    await writeFile(join(restored, 'data'), 'restored');
    for (const place of [
      () => rename(restored, directory),
      async () => {
        await mkdir(directory);
        await put('restored');
      },
      () => cp(join(parent, 'kept'), directory, { recursive: true }),
    ]) {
      await rm(directory, { recursive: true, force: true });
      await killed();
      expect(existsSync(mark())).toBe(true);
      await rm(directory, { recursive: true });
      await place();
      await createOnce(directory, async () => expect(await data()).toBe('restored'));
      expect(existsSync(mark())).toBe(false);
      await cp(directory, join(parent, 'kept'), { recursive: true, force: true });
    }
  });

  it('takes a mark that was not written to its end for no mark', async () => {
    await mkdir(directory);
    await put('whole');
    await writeFile(mark(), '');
    await createOnce(directory, async () => expect(await data()).toBe('whole'));
  });
});
