import type { IdentityProvider } from '@coucou/application/ports/identity-providers';
import type { Identity as WireIdentity } from '@coucou/contracts/auth/identities';
import type { Identity } from '@coucou/domain/auth/identity';
import type { z } from 'zod';

export const presentProviders = (providers: readonly IdentityProvider[]) => ({ items: providers.map(({ id, name }) => ({ id, name })) });

export const presentIdentity = ({ id, issuer, email, createdAt, lastUsedAt }: Identity): z.infer<typeof WireIdentity> => ({
  id,
  issuer,
  ...(email !== undefined && { email }),
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt.toISOString(),
});

export const presentIdentities = (identities: readonly Identity[]) => ({ items: identities.map(presentIdentity) });
