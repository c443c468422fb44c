import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Changes with the names and contents of these files, and of those in these folders. */
export async function fingerprint(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) {
    const names = (await stat(source)).isDirectory() ? (await readdir(source)).toSorted() : [''];
    for (const name of names) {
      const content = await readFile(path.join(source, name));
      hash.update(JSON.stringify([path.basename(source), name, content.length])).update(content);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * What is in the file, or else what is made and put there. Test files run side by side, and may begin at the same moment: each writes
 * under a name of its own, so that what is found under the final one is whole. `isCurrent` says whether what was made may stay.
 */
export async function kept(file: string, make: () => Promise<Buffer>, isCurrent = async () => true): Promise<Buffer> {
  if (existsSync(file)) return readFile(file);
  const made = await make();
  if (!(await isCurrent())) return made;
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, made);
  await rename(unfinished, file);
  return made;
}
