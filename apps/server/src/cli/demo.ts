import { parseArgs } from 'node:util';
import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { OpaqueTokens } from '@coucou/application/ports/tokens';
import { opaqueTokens } from '@coucou/security/opaque-tokens';
import { createPasswordHasher } from '@coucou/security/password-hasher';
import { loadProcessConfig } from '../config.ts';
import { removeDemoPeople } from '../demo/remove.ts';
import { prepareDataDir } from '../start/data-dir.ts';
import { type Undo, unwind } from '../start/undo.ts';
import { type Command, print, UsageError } from './command.ts';
import { openDatabase } from './open-database.ts';

const help = `pnpm cli demo --remove   close the accounts of the demo people, whose passwords are public

Needed before a database of development serves others. Nobody can sign in as alice, bob, carol or dan any more; what they wrote stays,
and their usernames stay taken. People of these names with a password of their own are left alone. Stop the server first.`;

export const demo: Command = {
  help,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { remove: { type: 'boolean', default: false } } });
    if (!values.remove) throw new UsageError('--remove is required');
    const config = loadProcessConfig();
    const undo: Undo = [];
    try {
      if (config.database.kind === 'embedded') await prepareDataDir(config.dataDir);
      const container = await openDatabase(config, undo);
      container.provide(PasswordHasher, () => createPasswordHasher({ concurrency: 2 }));
      container.provide(OpaqueTokens, () => opaqueTokens);
      const names = await removeDemoPeople(container);
      print(names.length === 0 ? 'There are no demo people with a public password.' : `Closed the accounts of ${names.join(', ')}.`);
    } finally {
      await unwind(undo, (error) => print(`a resource could not be closed: ${String(error)}`));
    }
  },
};
