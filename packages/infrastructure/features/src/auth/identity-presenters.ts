import type { NamedIdentity } from '@coucou/application/auth/identities';
import type { IdentityProvider } from '@coucou/application/ports/identity-providers';
import type { Identity as WireIdentity } from '@coucou/contracts/auth/identities';
import type { z } from 'zod';

export const presentProviders = (providers: readonly IdentityProvider[]) => ({ items: providers.map(({ id, name }) => ({ id, name })) });

export const presentIdentity = ({ id, issuer, provider, email, createdAt, lastUsedAt }: NamedIdentity): z.infer<typeof WireIdentity> => ({
  id,
  issuer,
  ...(provider !== undefined && { provider }),
  ...(email !== undefined && { email }),
  createdAt: createdAt.toISOString(),
  lastUsedAt: lastUsedAt.toISOString(),
});

export const presentIdentities = (identities: readonly NamedIdentity[]) => ({ items: identities.map(presentIdentity) });
