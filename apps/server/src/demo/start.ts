import { loggableError } from '@coucou/application/kernel/loggable-error';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import type { Logger } from '@coucou/observability/logger';
import type { Container } from '../composition/container.ts';
import type { Config } from '../config.ts';
import { pnpmCommand } from '../config/own-command.ts';
import { StartError } from '../start/start-error.ts';
import { makeDemo, type MakeDemoOptions } from './make.ts';
import type { FindDemoPeople } from './password-check.ts';
import { people } from './people.ts';

/** Demo people are made where nobody asks for an empty database: in development, not in tests. */
export const makesDemo = ({ conveniences, database, mode }: Config): boolean =>
  conveniences && database.kind === 'embedded' && mode === 'development';

/** A start without demo people is better than none. */
export async function makeDemoPeople(options: MakeDemoOptions, log: Logger): Promise<void> {
  const begun = performance.now();
  try {
    if ((await makeDemo(options)) === 'not empty') return;
    log.info({ people, ms: Math.round(performance.now() - begun) }, 'made the demo people; `--no-demo` leaves them out');
  } catch (error) {
    log.warn({ err: loggableError(error) }, `the demo people could not be made; \`${pnpmCommand} cli seed\` makes them`);
  }
}

/**
 * A server that others may reach does not start while anybody could sign in with a password that stands in the documentation. Nothing
 * but the hash is asked, so that it holds for people who were seeded, restored or signed up by hand as well.
 */
export async function refusePublicPasswords(config: Config, container: Container, findDemoPeople: FindDemoPeople): Promise<void> {
  const account = await container.resolve(AccountDirectory).byClientKey(DEFAULT_CLIENT_KEY);
  const found = account === undefined ? [] : await findDemoPeople(account);
  if (found.length === 0) return;
  const names = found.map(({ username }) => username).join(', ');
  throw new StartError(
    `the database holds demo people whose passwords are public (${names}), and this server is not for this machine alone: ${reasonOf(config)};` +
      ` run \`${pnpmCommand} cli demo --remove\`, or ${config.database.kind === 'embedded' ? 'choose another DATA_DIR' : 'use another database'}`,
  );
}

function reasonOf({ mode, publicUrl, trustProxy, host }: Config): string {
  if (mode === 'production') return 'it runs in production';
  if (publicUrl !== undefined) return `PUBLIC_URL is ${publicUrl}`;
  return trustProxy.length > 0 ? 'TRUST_PROXY is set' : `HOST is ${host}`;
}
