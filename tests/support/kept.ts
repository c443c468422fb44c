import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Changes with the names and contents of these files, and of all files below these folders but installed and compiled ones. */
export async function fingerprint(sources: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const name of (await stat(source)).isDirectory() ? await filesBelow(source) : ['']) {
      const content = await readFile(path.join(source, name));
      hash.update(JSON.stringify([path.basename(source), name, content.length])).update(content);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter(({ name }) => name !== 'node_modules' && name !== 'dist')
    .map(async (entry) =>
      entry.isDirectory() ? (await filesBelow(path.join(folder, entry.name))).map((name) => path.join(entry.name, name)) : [entry.name],
    );
  return (await Promise.all(names)).flat().toSorted();
}

/**
 * What is in the file, or else what is made and put there. Test files run side by side, and may begin at the same moment: each writes
 * under a name of its own, so that what is found under the final one is whole. `isCurrent` says whether what was made may stay.
 */
export async function kept(
  file: string,
  make: () => Promise<Buffer<ArrayBuffer>>,
  isCurrent = async () => true,
): Promise<Buffer<ArrayBuffer>> {
  if (existsSync(file)) return readFile(file);
  const made = await make();
  if (!(await isCurrent())) return made;
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, made);
  await rename(unfinished, file);
  await forgetOlder(file);
  return made;
}

/** Files of this kind that stay: another checkout of the sources, or a run that is under way, may still want the last ones. */
const STAY = 4;

/** Removes the oldest files whose names differ in their fingerprint alone. */
async function forgetOlder(file: string): Promise<void> {
  const folder = path.dirname(file);
  const kind = path.basename(file).replace(/-.*/, '');
  const found = (await readdir(folder)).filter((name) => name.startsWith(`${kind}-`)).map((name) => path.join(folder, name));
  const dated = await Promise.all(found.map(async (name) => ({ name, time: (await stat(name).catch(() => undefined))?.mtimeMs ?? 0 })));
  for (const { name } of dated.toSorted((a, b) => b.time - a.time).slice(STAY)) await rm(name, { force: true });
}
