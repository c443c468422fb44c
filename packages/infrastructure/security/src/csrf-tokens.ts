import type { CsrfHolder, CsrfTokens } from '@coucou/application/ports/csrf-tokens';
import { createSealers } from './sealer.ts';

const text = ({ account, sessionId }: CsrfHolder): string => `${account} ${sessionId}`;

export function createCsrfTokens(secret: string): CsrfTokens {
  const sealer = createSealers(secret)('csrf-tokens');
  return {
    seal: (holder) => sealer.seal(text(holder)),
    isFor(token, holder) {
      try {
        return sealer.open(token) === text(holder);
      } catch {
        return false;
      }
    },
  };
}
