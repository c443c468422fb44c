import { apiKeyPorts, recogniseApiKey } from '@coucou/application/auth/recognise-api-key';
import { networkOf } from '@coucou/application/kernel/network-of';
import type { Programs } from '@coucou/application/ports/programs';
import type { Storage } from '@coucou/postgres/storage';
import type { ApiKeyUses } from '@coucou/runtime/api-key-uses';
import { API_KEY_PREFIX } from '@coucou/security/api-key-texts';
import type { Container } from './container.ts';
import { createSameSecret } from './same-secret.ts';

export type ProgramsOptions = Readonly<{
  uses: Pick<ApiKeyUses, 'note'>;
  /** Looking up a key that anybody may make up takes its turn at the database. */
  onBehalfOf: Storage['onBehalfOf'];
  /** Absent: nobody is the operator. */
  systemKey: string | undefined;
}>;

/** API keys by their prefix, and the operator by the system key. */
export function createPrograms(container: Container, { uses, onBehalfOf, systemKey }: ProgramsOptions): Programs {
  const ports = container.portsOf(apiKeyPorts);
  const isOperator = systemKey === undefined ? undefined : createSameSecret(systemKey);
  return {
    async recognise(token, from) {
      if (token.startsWith(API_KEY_PREFIX)) {
        const { account, id, scopes } = await onBehalfOf({ key: networkOf(from) }, () => recogniseApiKey(ports, token));
        uses.note(account, id);
        return { account, program: { by: 'apiKey', id, scopes } };
      }
      if (isOperator?.(token) !== true) return undefined;
      return { account: undefined, program: { by: 'operator' } };
    },
  };
}
