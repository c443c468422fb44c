import { AccountDirectory } from '@coucou/application/ports/accounts';
import type { HomeRoutes } from '@coucou/docs/home/routes';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { isLocal } from '@coucou/http/conveniences';
import type { Container } from '../composition/container.ts';
import type { Config } from '../config.ts';
import { pnpmCommand } from '../config/own-command.ts';
import { version } from '../version.ts';
import type { FindDemoPeople } from './password-check.ts';

/** Both people of the demo are there. */
const inDemo = ['alice', 'bob'];

/** The page at `/`: with the demo for requests of this machine in development, if its people exist. */
export function homeOptions(config: Config, container: Container, findDemoPeople: FindDemoPeople): HomeRoutes {
  const accounts = container.resolve(AccountDirectory);
  return {
    version,
    command: pnpmCommand,
    storage: config.database.kind === 'postgres' ? 'PostgreSQL' : 'an embedded database',
    async variantFor(request) {
      if (!config.conveniences || !isLocal(request)) return 'none';
      const account = await accounts.byClientKey(DEFAULT_CLIENT_KEY);
      const found = account === undefined ? [] : await findDemoPeople(account);
      return inDemo.every((name) => found.some(({ username }) => username === name)) ? 'demo' : 'hint';
    },
  };
}
