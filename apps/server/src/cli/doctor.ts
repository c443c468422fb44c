import { parseArgs } from 'node:util';
import { type Config, loadProcessConfig } from '../config.ts';
import { ConfigError } from '../config/config-error.ts';
import { checkDatabase } from '../doctor/database.ts';
import { fault, type Finding, lineOf, ok, warning } from '../doctor/finding.ts';
import { checkRedis } from '../doctor/redis.ts';
import { checkAddress, checkFiles, checkMail } from '../doctor/surroundings.ts';
import { type Command, CommandError, print } from './command.ts';

const help = `pnpm cli doctor          checks the configuration and everything that it names, and says how to fix what is wrong
pnpm cli doctor --json   the same as one JSON object per finding: {status, about, found, fix}

It looks at PostgreSQL (version, fsync, full_page_writes, synchronous_commit, the rights of the login, migrations, the clock), its standby,
Redis (version, maxmemory-policy, writing, the clock), the store of files, the mail server and PUBLIC_URL. It changes nothing but a key on
Redis that lives for a second, and may run beside servers. The exit code is 1 when there is a fault (✘), and 0 with warnings (!) alone.`;

const checks: readonly ((config: Config) => Promise<readonly Finding[]>)[] = [
  checkDatabase,
  checkRedis,
  checkFiles,
  checkMail,
  checkAddress,
];

export const doctor: Command = {
  help,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } });
    const findings = await examine();
    for (const finding of findings) print(values.json ? JSON.stringify(finding) : lineOf(finding));
    const faults = findings.filter(({ status }) => status === 'fault').length;
    if (faults > 0) throw new CommandError(faults === 1 ? 'There is a fault.' : `There are ${faults} faults.`);
  },
};

async function examine(): Promise<readonly Finding[]> {
  let config: Config;
  try {
    config = loadProcessConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // What it names cannot be looked at before it is right.
    return error.faults.map((each) => fault('configuration', each, 'correct it in the environment or in .env, and run this again'));
  }
  const warnings = config.warnings.map((each) => warning('configuration', each, 'see .env.example'));
  const found = await Promise.all(checks.map((check) => check(config)));
  return [ok('configuration', 'is complete'), ...warnings, ...found.flat()];
}
