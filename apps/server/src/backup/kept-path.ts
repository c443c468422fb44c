import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../cli/command.ts';

export const damaged = (what: string, options?: ErrorOptions): CommandError => new CommandError(`the back-up is damaged: ${what}`, options);

/**
 * Where a file of the back-up is on the disk. Links are refused, also of folders on the way: they would lead out of the back-up, to what never ends or to
 * what is none of it. The folder itself may be one.
 */
export async function keptPath(folder: string, path: string): Promise<string> {
  const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
  if (file !== join(root, path) || !(await stat(file)).isFile()) throw damaged(`${path} is not a file of the back-up`);
  return file;
}
