import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isStoredKey } from '@coucou/files/keys';
import { z } from 'zod';
import { CommandError } from '../cli/command.ts';
import { codeOf } from '../start/start-error.ts';
import { keptPath } from './kept-path.ts';

/** Raised when a version would misread what a later one wrote. */
export const FORMAT = 1;

const MANIFEST = 'manifest.json';

const Count = z.int().nonnegative();
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Names are printed, where a control character would reach the terminal. */
const Name = z.string().regex(/^[\w.+-]{1,200}$/);
const unique = (values: readonly string[]): boolean => new Set(values).size === values.length;

/** A file of the back-up, by its path in it, with what it holds on the disk. */
const Kept = z.object({ path: z.string().regex(/^[\w-]+(\/[\w-]+)*(\.ndjson|\.gz)*$/), bytes: Count, sha256: Sha256 });

const Manifest = z.object({
  format: z.literal(FORMAT),
  /** The version of the product that wrote it. */
  product: Name,
  createdAt: z.iso.datetime(),
  engine: z.string(),
  epoch: z.string(),
  migrations: z.record(Name, z.array(Name)),
  folding: z.string(),
  tables: z
    .array(Kept.extend({ name: z.string(), columns: z.array(z.string()).refine(unique, { error: 'has a column twice' }), rows: Count }))
    .refine((tables) => unique(tables.map(({ name }) => name)), { error: 'has a table twice' }),
  /** Tables of the database that are not the product's, and not in the back-up. */
  others: z.array(z.string()).optional(),
  /** The attachments and archives, with `list` of each one's key, size and hash; absent of a back-up without them. */
  files: z.object({ list: Kept, count: Count, bytes: Count, missing: Count }).optional(),
});

/** What `manifest.json` of a back-up holds. */
export type Manifest = z.infer<typeof Manifest>;
export type KeptFile = z.infer<typeof Kept>;

const Key = z.string().refine(isStoredKey);
/** A line of the list of files; `missing` ones were not in the store, and have neither size nor hash. */
export const FileLine = z.object({ key: Key, size: Count, sha256: Sha256 }).or(z.object({ key: Key, missing: z.literal(true) }));
export type FileLine = z.infer<typeof FileLine>;

/** Last of all: a folder without it is no back-up. */
export const writeManifest = (folder: string, manifest: Manifest): Promise<void> =>
  writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { flag: 'wx', mode: 0o600, flush: true });

/** Throws a `CommandError` that says what is wrong with the folder. */
export async function readManifest(folder: string): Promise<Manifest> {
  const read = async () => readFile(await keptPath(folder, MANIFEST), 'utf8');
  const text = await read().catch((error: unknown) => {
    if (error instanceof CommandError) throw error;
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
