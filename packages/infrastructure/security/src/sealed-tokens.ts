import { randomBytes } from 'node:crypto';
import type { SealedTokens } from '@coucou/application/ports/sealed-tokens';
import { createSealers } from './sealer.ts';

type Sealed = Readonly<{ id: string; exp: number; content: unknown }>;

/** Single-use secrets as sealed text, each purpose under a key of its own. */
export function createSealedTokens(secret: string): SealedTokens {
  const sealerFor = createSealers(secret);
  return {
    seal(purpose, content, expiresAt) {
      const sealed: Sealed = { id: randomBytes(16).toString('base64url'), exp: expiresAt.getTime(), content };
      return sealerFor(`single-use:${purpose}`).seal(JSON.stringify(sealed));
    },
    open(purpose, text, now) {
      try {
        const { id, exp, content } = JSON.parse(sealerFor(`single-use:${purpose}`).open(text)) as Sealed;
        return exp <= now.getTime() ? undefined : { id, content: content as never, expiresAt: new Date(exp) };
      } catch {
        return undefined;
      }
    },
  };
}
