import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { renderDocuments } from '@coucou/docs/generate';
import { catalogueOf } from '../composition/catalogue.ts';
import { features } from '../composition/features.ts';
import { environmentExample } from '../config/example.ts';
import { version } from '../version.ts';
import { type Command, CommandError, print } from './command.ts';

const help = `pnpm generate           writes the files that are made from the source
pnpm generate --check   fails when one of them is not current, and writes nothing`;

const repository = resolve(import.meta.dirname, '../../../..');

function files() {
  const { operations, serverEvents: events, errors: catalogue, permissions, auditActions } = catalogueOf(features);
  return [
    ...renderDocuments({ operations, events, catalogue, permissions, auditActions, info: { version } }),
    { path: '.env.example', content: environmentExample(features) },
  ];
}

export const generate: Command = {
  help,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { check: { type: 'boolean' } } });
    const stale: string[] = [];
    for (const { path, content } of files()) {
      const target = resolve(repository, path);
      const current = await readFile(target, 'utf8').catch(() => undefined);
      if (current === content) continue;
      stale.push(path);
      if (values.check) continue;
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, content);
    }
    if (values.check && stale.length > 0)
      throw new CommandError(`out of date: ${stale.join(', ')}; run \`pnpm generate\` and commit what it writes`);
    print(stale.length === 0 ? 'The generated files are up to date.' : `Wrote ${stale.join(', ')}.`);
  },
};
