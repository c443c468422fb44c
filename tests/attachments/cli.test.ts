import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { FileStore } from '@coucou/application/ports/file-store';
import { asId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { environment } from '../support/environment.ts';
import { nodeEnvironment, privateDirectory } from '../support/machine.ts';
import { expectStatus, type Person, signUp } from '../support/people.ts';
import type { Database } from '../support/template.ts';
import { startWithFiles, type AppWithFiles, upload } from './files.ts';

let database: Database;
let dataDir: string;
let app: AppWithFiles;
let alice: Person;
beforeAll(async () => {
  database = await createDatabase();
  dataDir = await privateDirectory('attachments-cli');
  app = await startWithFiles({ database, env: { DATA_DIR: dataDir } });
  alice = await signUp(app.url, 'alice');
});
afterAll(async () => {
  await app.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

/** The command as an operator runs it, beside the server. */
async function reconcile(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const main = path.resolve(import.meta.dirname, '../../apps/server/src/cli/main.ts');
  const env = { ...nodeEnvironment(), ...environment({ database, env: { DATA_DIR: dataDir } }) };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, 'attachments', 'reconcile', ...args], { env });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

it('finds nothing to do where all is well, and says what is lost', async () => {
  const { id } = expectStatus(await upload(alice, 'some text'), 201);
  expect(await reconcile('--dry-run')).toEqual({
    code: 0,
    out: '0 attachments that no message uses would be removed\n0 files without an attachment would be removed\n',
    err: '',
  });
  const uploads = path.join(dataDir, 'uploads');
  const [account = ''] = (await readdir(uploads)).filter((name) => name !== '.partial');
  const files = app.container.resolve(FileStore);
  for (const name of await readdir(path.join(uploads, account))) await files.delete([asId(`${account}/${name}`)] as never);
  const { code, out, err } = await reconcile();
  expect([code, out.includes(`lost: the file of attachment ${id} is not in the store`), err]).toEqual([
    1,
    true,
    '1 attachment has no file; restore the file store from a back-up\n',
  ]);
});
