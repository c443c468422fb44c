import type { IssuedApiKey } from '@coucou/application/auth/api-keys';
import type { ApiKey as WireApiKey } from '@coucou/contracts/accounts/api-keys';
import type { ApiKey } from '@coucou/domain/auth/api-key';
import type { z } from 'zod';

type Wire = z.infer<typeof WireApiKey>;

const presentApiKey = (key: ApiKey): Wire => ({
  id: key.id,
  name: key.name,
  scopes: [...key.scopes],
  createdBy: key.createdBy,
  createdAt: key.createdAt.toISOString(),
  expiresAt: key.expiresAt?.toISOString(),
  lastUsedAt: key.lastUsedAt?.toISOString(),
  previousUntil: key.previous?.until.toISOString(),
});

export const presentApiKeys = (keys: readonly ApiKey[]): { items: Wire[] } => ({ items: keys.map(presentApiKey) });

export const presentIssuedApiKey = ({ apiKey, text }: IssuedApiKey): { apiKey: Wire; key: string } => ({
  apiKey: presentApiKey(apiKey),
  key: text,
});
