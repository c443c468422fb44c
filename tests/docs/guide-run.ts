import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { withDeadline } from '../support/until.ts';
import { programOf } from './guide-program.ts';

export const guides = path.resolve(import.meta.dirname, '../../docs/guides');

/** Runs a page against the server at `url`; its end, and what it wrote to the terminal. */
export async function runGuide(markdown: string, { url }: Readonly<{ url: string }>) {
  const program = programOf(markdown, url);
  // Where it finds the packages of the tests: a reader would have installed them.
  const directory = await mkdtemp(path.resolve(import.meta.dirname, '../node_modules/.guide-'));
  try {
    const file = path.join(directory, 'guide.mjs');
    await writeFile(file, program.source);
    const child = spawn(process.execPath, [file], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    try {
      const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
      const [[code], stdout, stderr] = await withDeadline(ended, { what: 'the end of the guide', timeoutMs: 90_000 });
      return { code: code as number | null, stdout, stderr, ...program };
    } finally {
      child.kill('SIGKILL');
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
