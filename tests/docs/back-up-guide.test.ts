import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { nodeEnvironment } from '../support/machine.ts';
import { signUpAll } from '../support/people.ts';
import { spawnTestApp } from '../support/spawned-app.ts';

const repository = path.resolve(import.meta.dirname, '../..');
const guide = readFileSync(path.join(repository, 'docs/guides/back-up-and-restore.md'), 'utf8');
/** What an operator types, in the order of the page. */
const blocks = [...guide.matchAll(/```sh\n(.+?)```/gs)].map(([, block = '']) => block);

it('the guide "back up and restore" can be followed', async () => {
  const server = await spawnTestApp();
  const target = await createDatabase({ empty: true });
  try {
    await signUpAll(server.url, 'alice', 'bob');
    const cli = `pnpm() { shift; '${process.execPath}' '${path.join(repository, 'apps/server/src/cli/main.ts')}' "$@"; }`;
    const type = async (block: string) => {
      const env = { ...nodeEnvironment(), DATA_DIR: path.join(server.directory, 'data'), DATABASE_OWNER_URL: target.ownerUrl };
      return (await promisify(execFile)('sh', ['-ec', `${cli}\n${block}`], { cwd: server.directory, env })).stdout;
    };
    const [backup = '', restore = '', move = '', ...more] = blocks;
    expect(more).toEqual([]);
    expect(await type(backup)).toMatch(/\nWrote coucou-backup\.\n$/);
    expect(await readdir(path.join(server.directory, 'coucou-backup'))).toContain('manifest.json');
    expect(await type(restore)).toMatch(/\nEverything is as it must be, by \d+ checks\.\n$/);
    await server.kill('SIGTERM');
    expect(await type(move)).toMatch(/^Moved \d+ rows; the epoch is the same\.\nEverything is as it must be/);
  } finally {
    await server.stop();
    await target.drop();
  }
});
