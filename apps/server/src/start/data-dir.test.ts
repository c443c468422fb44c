import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownSecretKey, prepareDataDir } from './data-dir.ts';
import { lockDataDir } from './lock.ts';
import { StartError } from './start-error.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'coucou-data-'));
});
afterEach(() => rm(directory, { recursive: true }));

const mode = async (path: string) => (await stat(path)).mode & 0o777;

describe('the data directory', () => {
  it('is made for its owner alone', async () => {
    const path = join(directory, 'a', 'b');
    await prepareDataDir(path);
    expect(await mode(path)).toBe(0o700);
  });

  it('cannot be a file, or below one', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    await expect(prepareDataDir(file)).rejects.toThrow(/cannot be used: this is a file; .+DATA_DIR/);
    await expect(prepareDataDir(join(file, 'data'))).rejects.toThrow(/cannot be used: a part of this path is a file/);
  });
});

describe.runIf(process.platform === 'linux')('a place where nothing can be made', () => {
  it.each(['/proc/coucou', '/proc/coucou/data'])('is reported: %s', async (path) => {
    await expect(prepareDataDir(path)).rejects.toThrow(/cannot be used: no directory can be made there; .+DATA_DIR/);
  });
});

describe('the secret of the server', () => {
  it('is made once, and only its owner may read it', async () => {
    const secret = await ownSecretKey(directory);
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(await ownSecretKey(directory)).toBe(secret);
    expect(await mode(join(directory, 'secret-key'))).toBe(0o600);
  });

  it('is one for two that ask at once', async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, () => ownSecretKey(directory)));
    expect(new Set(secrets).size).toBe(1);
    expect(await readdir(directory)).toEqual(['secret-key']);
  });

  it('is refused when it was cut short', async () => {
    await writeFile(join(directory, 'secret-key'), 'abc\n');
    await expect(ownSecretKey(directory)).rejects.toThrow(StartError);
  });
});

describe('the lock', () => {
  /** Another program that takes the lock, and says so; it holds it until it is killed, and so keeps what would let go when collected. */
  const hold = async (): Promise<ChildProcess> => {
    const program = `import(${JSON.stringify(new URL('lock.ts', import.meta.url).href)}).then(({ lockDataDir }) => lockDataDir(process.argv[1]))
      .then((release) => { globalThis.release = release; console.log('locked'); setInterval(() => {}, 1000); })`;
    const child = spawn(process.execPath, ['-e', program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return child;
  };

  it('lets nobody else in, in this process either, and anybody afterwards', async () => {
    const release = await lockDataDir(directory);
    await expect(lockDataDir(directory)).rejects.toThrow(`in use by process ${process.pid}; stop that server`);
    await release();
    await (await lockDataDir(directory))();
  });

  it('is gone with a process that was killed, and not before', async () => {
    const other = await hold();
    const ended = once(other, 'close');
    try {
      await expect(lockDataDir(directory)).rejects.toThrow(`in use by process ${other.pid}; stop that server`);
    } finally {
      other.kill('SIGKILL');
    }
    await ended;
    await (await lockDataDir(directory))();
  });

  it.each(['1\n', `${process.ppid}\n`, `${process.pid}\n`, 'nonsense'])(
    'does not mind a killed server whose id %j another program has now',
    async (left) => {
      await writeFile(join(directory, 'server.pid'), left);
      const release = await lockDataDir(directory);
      expect(await readFile(join(directory, 'server.pid'), 'utf8')).toBe(`${process.pid}\n`);
      await release();
    },
  );

  it('says what to do with a file that is none', async () => {
    await writeFile(join(directory, 'lock'), 'x'.repeat(5000));
    await expect(lockDataDir(directory)).rejects.toThrow(/lock, cannot be taken .+ remove the file/);
  });
});
