import { parseArgs } from 'node:util';
import { KeyRotation } from '@coucou/application/ports/key-rotation';
import { authActions } from '@coucou/domain/auth/audit-actions';
import type { AdminCommand } from './admin-command.ts';
import { inDeployment } from './in-account.ts';

const help = `pnpm cli rotate-keys   sign access tokens by another key

Nobody is signed out: tokens that were signed before stay good until they expire, and their key is published as long. The new key signs
after ten seconds, when no server refuses it any more, and on other servers within a minute. Needs the SECRET_KEY of the servers. Keys are
rotated by themselves as well (SIGNING_KEY_LIFETIME).`;

export const rotateKeys: AdminCommand = {
  help,
  usesKeys: true,
  prepare(args) {
    parseArgs({ args: [...args], options: {} });
    return (context) =>
      inDeployment(context, async (entry) => {
        await context.ports.resolve(KeyRotation).rotate((kid) => entry(authActions.signing_key_rotated, { details: { kid } }));
        context.print('Access tokens are signed by another key in ten seconds.');
      });
  },
};
