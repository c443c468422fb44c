import { parseArgs } from 'node:util';
import { upgradeStatus } from '@coucou/postgres/schema/migrate';
import { schemaSets } from '../composition/features.ts';
import { loadProcessConfig } from '../config.ts';
import { explainDatabaseError } from '../start/database.ts';
import { judgeUpgrade, type UpgradeFound } from '../upgrade/judge.ts';
import { version } from '../version.ts';
import { type Command, CommandError, print, UsageError } from './command.ts';

const help = `pnpm cli upgrade --check          says whether the servers that run may be replaced by this version one after the other, and how
pnpm cli upgrade --check --json   the same as one JSON object: {version, mayRoll, reasons, steps, pending, needs, ahead, nodes}

Run it with the new version, before \`migrate\`. It reads what is pending and which servers were seen within the last minute, and changes nothing.
DATABASE_OWNER_URL (or DATABASE_URL) says where. The exit code is 0 when servers may be replaced in turn, and 1 when they have to be stopped.`;

export const upgrade: Command = {
  help,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { check: { type: 'boolean' }, json: { type: 'boolean', default: false } } });
    if (values.check !== true) throw new UsageError('--check is required: an upgrade is `pnpm cli migrate` and a start of the new version');
    const { database } = loadProcessConfig();
    if (database.kind === 'embedded')
      throw new CommandError('The embedded database has one server: stop it and start the new version, which migrates it.');
    const found = await upgradeStatus(database.ownerUrl, schemaSets)
      .then(({ status, nodes }): UpgradeFound => ({ version, nodes, ...status }))
      .catch((error: unknown) => {
        throw explainDatabaseError(error, database);
      });
    const verdict = judgeUpgrade(found);
    const { pending, needs, ahead, nodes } = found;
    if (values.json) print(JSON.stringify({ version, ...verdict, pending, needs, ahead, nodes }));
    else for (const line of linesOf(found, verdict)) print(line);
    if (!verdict.mayRoll) throw new CommandError('The servers have to be stopped for this upgrade.');
  },
};

const CURRENT = 'Nothing to do: the database and all running servers have this version.';
const NO_SERVERS = 'Nothing to do: the database has this version, and no server is running.';

function linesOf({ pending, needs, nodes }: UpgradeFound, { reasons, steps }: ReturnType<typeof judgeUpgrade>): string[] {
  return [
    ...nodes.map((node) => `running  ${node.node}  ${node.version ?? 'of a version that does not record it'}`),
    ...pending.map((name) => `pending  ${name}${needs[name] === undefined ? '' : `  needs ${needs[name]}`}`),
    ...reasons.map(({ found, fix }) => `✘ ${found}\n  ${fix}`),
    ...(steps.length === 0 ? [nodes.length === 0 ? NO_SERVERS : CURRENT] : ['To upgrade:']),
    ...steps.map((step, at) => `  ${at + 1}. ${step}`),
  ];
}
