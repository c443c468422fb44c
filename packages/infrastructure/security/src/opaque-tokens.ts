import { createHash, randomBytes } from 'node:crypto';
import type { OpaqueTokens } from '@coucou/application/ports/tokens';

export const opaqueTokens: OpaqueTokens = {
  generate: () => randomBytes(32).toString('base64url'),
  hash: (token) => createHash('sha256').update(token).digest('hex'),
};
