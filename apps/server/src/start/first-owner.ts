import { createFirstOwner, firstOwnerPorts } from '@coucou/application/accounts/first-owner';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { authErrors } from '@coucou/domain/auth/session';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { Logger } from '@coucou/observability/logger';
import type { Container } from '../composition/container.ts';
import type { Config } from '../config.ts';
import { StartError } from './start-error.ts';

/** The first owner of the default account, by ADMIN_EMAIL and ADMIN_PASSWORD. A weak password stops the start. */
export async function ensureFirstOwner({ firstOwner }: Pick<Config, 'firstOwner'>, container: Container, log: Logger): Promise<void> {
  const account = await container.resolve(AccountDirectory).byClientKey(DEFAULT_CLIENT_KEY);
  if (firstOwner === undefined || account === undefined) return;
  try {
    if (await createFirstOwner(container.portsOf(firstOwnerPorts), account, firstOwner))
      log.info('created the first owner, "admin", with the address and password of ADMIN_EMAIL and ADMIN_PASSWORD');
  } catch (error) {
    if (!(error instanceof ChatError) || error.kind === 'internal' || error.kind === 'unavailable') throw error;
    if (error.code === authErrors.PASSWORD_TOO_WEAK.code)
      throw new StartError(
        `ADMIN_PASSWORD is too easy to guess (${String((error.details as { reason?: unknown }).reason)}); choose another`,
        {
          cause: error,
        },
      );
    // A concurrent start created the owner, or the username or address is taken: that user is not promoted implicitly.
    log.warn(
      { code: error.code },
      'the first owner was not created: somebody has this address or the name "admin"; run `pnpm cli create-admin`',
    );
  }
}
