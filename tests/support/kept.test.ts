import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fingerprint, kept } from './kept.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'coucou-kept-'));
});
afterEach(() => rm(folder, { recursive: true }));
const file = () => path.join(folder, 'cache', 'made.tar');

it('is whole however many make it at the same moment, and leaves nothing else behind', async () => {
  const sizes = [1, 1_000, 5_000_000, 20];
  const makers = Promise.withResolvers<void>();
  let making = 0;
  const make = (size: number) => async () => {
    making += 1;
    if (making === sizes.length) makers.resolve();
    await makers.promise;
    return Buffer.alloc(size, `${size}`);
  };
  const found = await Promise.all(sizes.map((size) => kept(file(), make(size))));
  expect(found.map(({ length }) => length)).toEqual(sizes);
  const whole = await readFile(file());
  expect(whole).toEqual(Buffer.alloc(whole.length, `${whole.length}`));
  expect(await readdir(path.dirname(file()))).toEqual(['made.tar']);
});

it('is made once, and again after a failure', async () => {
  await expect(kept(file(), () => Promise.reject(new Error('not now')))).rejects.toThrow('not now');
  expect(`${await kept(file(), async () => Buffer.from('first'))}`).toBe('first');
  expect(`${await kept(file(), () => Promise.reject(new Error('again')))}`).toBe('first');
});

it('is not kept when what it is made of changed meanwhile', async () => {
  expect(
    `${await kept(
      file(),
      async () => Buffer.from('old'),
      async () => false,
    )}`,
  ).toBe('old');
  expect(`${await kept(file(), async () => Buffer.from('new'))}`).toBe('new');
});

it('is named by the names and contents of what it is made of', async () => {
  const [a, b] = [path.join(folder, 'a.ts'), path.join(folder, 'b.ts')];
  const names = new Set<string>();
  const note = async () => names.add(await fingerprint([folder]));
  await writeFile(a, 'one');
  await note();
  await note();
  expect(names.size).toBe(1);
  await writeFile(a, 'two');
  await note();
  await writeFile(b, '');
  await note();
  await rm(a);
  await note();
  expect(names.size).toBe(4);
  expect(await fingerprint([b])).not.toBe(await fingerprint([folder, b]));
});
