import { parseArgs } from 'node:util';
import { features } from '../composition/features.ts';
import { loadProcessConfig } from '../config.ts';
import { processSettings, settingsTable } from '../config/describe.ts';
import { type Command, print, UsageError } from './command.ts';

const help = `pnpm cli config check   reads the configuration as the server would, and names every fault and warning; the exit code is 1 with a fault
pnpm cli config doc     prints every setting, what it must be and its default, as a table of Markdown
  --json                check: one object per line, {setting} for what is set and {warning} for each warning

Both look at the environment and .env only; \`pnpm cli doctor\` looks at what the configuration names.`;

export const config: Command = {
  help,
  async run(args) {
    const { positionals, values } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [what, ...more] = positionals;
    if (what === 'check' && more.length === 0) check(values.json);
    else if (what === 'doc' && !values.json && more.length === 0) print(settingsTable(features));
    else throw new UsageError('say what to do: check or doc');
  },
};

function check(json: boolean): void {
  const { warnings } = loadProcessConfig();
  if (json) {
    for (const setting of processSettings(features)) print(JSON.stringify({ setting }));
    for (const warning of warnings) print(JSON.stringify({ warning }));
    return;
  }
  for (const line of processSettings(features)) print(`  ${line}`);
  for (const warning of warnings) print(`! ${warning}`);
  print('The configuration is complete.');
}
