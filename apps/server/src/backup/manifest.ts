import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileKey } from '@coucou/domain/attachments/attachment';
import { isStoredKey } from '@coucou/files/keys';
import { z } from 'zod';
import { CommandError } from '../cli/command.ts';
import { codeOf } from '../start/start-error.ts';

/** Raised when a version would misread what a later one wrote. */
export const FORMAT = 1;

const MANIFEST = 'manifest.json';

/** A file of the back-up, by its path in it, with what it holds on the disk. */
const Kept = z.object({ path: z.string().regex(/^[\w-]+(\/[\w-]+)*(\.ndjson|\.gz)*$/), bytes: z.int().nonnegative(), sha256: z.string() });

const Manifest = z.object({
  format: z.literal(FORMAT),
  /** The version of the product that wrote it. */
  product: z.string(),
  createdAt: z.iso.datetime(),
  engine: z.string(),
  epoch: z.string(),
  migrations: z.record(z.string(), z.array(z.string())),
  folding: z.string(),
  tables: z.array(Kept.extend({ name: z.string(), columns: z.array(z.string()), rows: z.int() })),
  /** The attachments and archives, with `list` of each one's key, size and hash; absent of a back-up without them. */
  files: z.object({ list: Kept, count: z.int(), bytes: z.int(), missing: z.int() }).optional(),
});

/** What `manifest.json` of a back-up holds. */
export type Manifest = z.infer<typeof Manifest>;
export type KeptFile = z.infer<typeof Kept>;

/** The only paths that are read from, and put into a store. */
const Key = z.custom<FileKey>((key) => typeof key === 'string' && isStoredKey(key));

/** A line of the list of files; `missing` ones were not in the store, and have neither size nor hash. */
const FileLine = z
  .object({ key: Key, size: z.int().nonnegative(), sha256: z.string() })
  .or(z.object({ key: Key, missing: z.literal(true) }));
export type FileLine = z.infer<typeof FileLine>;

/** Throws a `CommandError` for a line that no back-up writes. */
export function fileLineIn(line: string): FileLine {
  try {
    return FileLine.parse(JSON.parse(line));
  } catch (error) {
    throw new CommandError('the back-up is damaged: its list of files has a line that cannot be read', { cause: error });
  }
}

/** Last of all: a folder without it is no back-up. */
export const writeManifest = (folder: string, manifest: Manifest): Promise<void> =>
  writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { flag: 'wx', mode: 0o600, flush: true });

/** Throws a `CommandError` that says what is wrong with the folder. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((error: unknown) => {
    throw new CommandError(`${folder} is no back-up: its ${MANIFEST} cannot be read (${codeOf(error)})`, { cause: error });
  });
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${folder} is damaged: its ${MANIFEST} is no JSON`, { cause: error });
  }
  const { format } = (found ?? {}) as { format?: unknown };
  if (typeof format === 'number' && format !== FORMAT)
    throw new CommandError(
      `${folder} has the format ${format}, and this version reads ${FORMAT}; restore it with the version that wrote it`,
    );
  const parsed = Manifest.safeParse(found);
  if (!parsed.success)
    throw new CommandError(`${folder} is damaged: its ${MANIFEST} lacks what it must hold\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
