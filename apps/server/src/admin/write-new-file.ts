import { createWriteStream } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { CommandError } from '../cli/command.ts';
import { codeOf } from '../start/start-error.ts';

/** Writes a file that must not exist yet; it appears whole, or not at all. */
export async function writeNewFile(body: AsyncIterable<Uint8Array>, out: string): Promise<void> {
  const partial = `${out}.partial`;
  let isOurs = false;
  try {
    const file = createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true });
    file.once('open', () => (isOurs = true));
    await pipeline(body, file);
    // Unlike a rename it replaces nothing.
    await link(partial, out);
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new CommandError(`${out} cannot be written (${code}); it and ${partial} must not exist yet`, { cause: error });
  } finally {
    if (isOurs) await rm(partial, { force: true });
  }
}
