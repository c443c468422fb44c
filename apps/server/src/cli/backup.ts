import { chmod, copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { backup as command } from '../admin/backup.ts';
import { readManifest } from '../backup/manifest.ts';
import { loadProcessConfig } from '../config.ts';
import { codeOf } from '../start/start-error.ts';
import { administer } from './administer.ts';
import { type Command, CommandError, print } from './command.ts';

export const backup: Command = {
  help: command.help,
  async run(args) {
    command.prepare(args);
    const given = args.find((arg) => !arg.startsWith('-')) ?? '';
    const folder = resolve(given);
    const { dataDir, secretKey } = loadProcessConfig();
    if (await exists(folder)) throw new CommandError(`${given} exists already; name another folder`);
    const partial = `${folder}.partial`;
    await mkdir(partial, { mode: 0o700 }).catch((error: unknown) => {
      throw new CommandError(
        codeOf(error) === 'EEXIST'
          ? `${partial} is there: another back-up is being written, or was cut off; then remove it`
          : `${partial} cannot be made (${codeOf(error)})`,
        { cause: error },
      );
    });
    try {
      await administer('backup').run(args.map((arg) => (arg === given ? partial : arg)));
      if (secretKey === undefined) await copySecret(join(dataDir, 'secret-key'), join(partial, 'secret-key'));
      const { files } = await readManifest(partial);
      await rename(partial, folder);
      await sync(dirname(folder));
      print(`Wrote ${given}.`);
      if (files !== undefined && files.missing > 0)
        throw new CommandError(`${files.missing} files that something uses are not in the store; \`pnpm cli verify --files\` lists them`);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
  },
};

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Not there before the first start, and never on a machine that only runs this command. */
async function copySecret(from: string, to: string): Promise<void> {
  if (!(await exists(from))) return;
  await copyFile(from, to);
  await chmod(to, 0o600);
}

/** So that the name outlives a power cut as well. */
async function sync(directory: string): Promise<void> {
  await using handle = await open(directory);
  await handle.sync();
}
