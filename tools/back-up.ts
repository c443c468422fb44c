// `pnpm back-up`: a back-up while people write, its restore and its verification, with what they took.
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startServices } from '../tests/faults/harness/services.ts';
import { backUpUnderLoad } from '../tests/start/back-up-under-load.ts';
import { privateDirectory } from '../tests/support/machine.ts';
import { cloneDatabase } from '../tests/support/template.ts';

const HELP = `pnpm back-up [--messages N] [--writers N]

Backs a server up, on a PostgreSQL of its own, while people write to it as fast as it answers; then verifies it, restores the back-up into another
database, which is verified too, and says how large it is and what each took. The exit code is 1 where anything failed.

--messages N   messages that are there before; 100,000 where nothing is said
--writers N    people who write; 8 where nothing is said`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h', default: false },
    messages: { type: 'string', default: '100000' },
    writers: { type: 'string', default: '8' },
  },
});

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const directory = await privateDirectory('back-up');
  const { postgres, databases, stop } = await startServices();
  const asAdmin = (url: string): string => {
    const admin = new URL(postgres.url);
    admin.pathname = new URL(url).pathname;
    return admin.href;
  };
  try {
    const [source, target] = [await cloneDatabase(databases), await cloneDatabase(databases, { empty: true })];
    const { rows, files, bytes, before, during, restored, seconds } = await backUpUnderLoad({
      source,
      target,
      backupUrl: asAdmin(source.url),
      targetUrl: asAdmin(target.url),
      folder: path.join(directory, 'backup'),
      messages: Number(values.messages),
      writers: Number(values.writers),
    });
    console.log(`${rows} rows and ${files} files are ${(bytes / 1e6).toFixed(1)} MB`);
    console.log(`messages acknowledged: ${before} before the back-up, ${during} while it was written; restored: ${restored}`);
    for (const [what, took] of Object.entries(seconds)) console.log(`${what}: ${took.toFixed(1)} s`);
  } finally {
    await stop();
    await rm(directory, { recursive: true, force: true });
  }
}

await main();
