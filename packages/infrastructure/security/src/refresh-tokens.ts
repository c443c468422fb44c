import { createHash, randomBytes } from 'node:crypto';
import type { RefreshTokens } from '@coucou/application/ports/tokens';
import { asId } from '@coucou/domain/kernel/ids';
import { createSealers } from './sealer.ts';

/** What a token says, in this order: version, account, session, rotation, 256 random bits. */
type Content = readonly [v: 1, account: string, session: string, rotation: number, random: string];

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function createRefreshTokens(secret: string): RefreshTokens {
  const sealer = createSealers(secret)('refresh-tokens');
  // A key of its own for every token: derived from the token itself, which only its holder has.
  const under = (spent: string) => createSealers(spent)('refresh-token-successor');
  return {
    issue({ account, sessionId, rotation }) {
      const content: Content = [1, account, sessionId, rotation, randomBytes(32).toString('base64url')];
      const token = sealer.seal(JSON.stringify(content));
      return { token, hash: sha256(token) };
    },
    open(token) {
      try {
        const [version, account, sessionId, rotation] = JSON.parse(sealer.open(token)) as Content;
        return version === 1 ? { account: asId(account), sessionId: asId(sessionId), rotation, hash: sha256(token) } : undefined;
      } catch {
        return undefined;
      }
    },
    sealSuccessor: (spent, successor) => under(spent).seal(successor),
    openSuccessor: (spent, sealed) => under(spent).open(sealed),
  };
}
