import { parseArgs } from 'node:util';
import { features } from '../composition/features.ts';
import { loadProcessConfig } from '../config.ts';
import { processSettings, settingsTable } from '../config/describe.ts';
import { type Command, print, UsageError } from './command.ts';

const help = `pnpm cli config check   reads the configuration as the server would, and names every fault and warning; the exit code is 1 with a fault
pnpm cli config doc     prints every setting, what it must be and its default, as a table of Markdown

Both look at the environment and .env only; \`pnpm cli doctor\` looks at what the configuration names.`;

export const config: Command = {
  help,
  async run(args) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    const [what, ...more] = positionals;
    if (what === 'check' && more.length === 0) check();
    else if (what === 'doc' && more.length === 0) print(settingsTable(features));
    else throw new UsageError('say what to do: check or doc');
  },
};

function check(): void {
  const { warnings } = loadProcessConfig();
  for (const line of processSettings(features)) print(`  ${line}`);
  for (const warning of warnings) print(`! ${warning}`);
  print('The configuration is complete.');
}
