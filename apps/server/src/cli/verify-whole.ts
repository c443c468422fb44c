import { verifyAll } from '../admin/verify.ts';
import type { Config } from '../config.ts';
import { type Undo, unwind } from '../start/undo.ts';
import { CommandError, print } from './command.ts';
import { openDatabase } from './open-database.ts';
import { provideFiles } from './provide-files.ts';

/** Checks what was just restored or moved, as the owner; throws a `CommandError` where something is wrong. `lost` files are known not to be there. */
export async function verifyWhole(config: Config, { files, lost }: Readonly<{ files: boolean; lost: ReadonlySet<string> }>): Promise<void> {
  const undo: Undo = [];
  try {
    const ports = await openDatabase(config, undo, { asOwner: true });
    undo.push(await provideFiles(ports, config));
    let checks = 0;
    const faults = await verifyAll(
      { ports },
      {
        files,
        lost,
        tell({ check, found, examples }) {
          checks += 1;
          if (found > 0) print([`FAULT  ${check}: ${found} found`, ...examples.map(({ what }) => `         ${what}`)].join('\n'));
        },
      },
    );
    if (faults > 0)
      throw new CommandError(
        `${faults} ${faults === 1 ? 'fault' : 'faults'} found; they were in what was copied, or \`pnpm cli verify\` says more`,
      );
    if (lost.size > 0) print(`${lost.size} files were not in the store when the back-up was written.`);
    print(`Everything is as it must be, by ${checks} checks.`);
  } finally {
    await unwind(undo, (error) => print(`a resource could not be closed: ${String(error)}`));
  }
}
