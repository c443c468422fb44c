import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IntegrationOwner, IntegrationSecrets } from '@coucou/application/ports/integration-secrets';
import { asId } from '@coucou/domain/kernel/ids';
import { createSealers } from './sealer.ts';

const PREFIX = 'inc_';
const ID_BYTES = 16;
const SECRET_BYTES = 32;
/** Two ids and the secret: 64 bytes, whose base64url has no spare bits but four, which are checked. */
const TOKEN = /^inc_[\w-]{86}$/;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const bytesOf = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex');

function idIn(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function createIntegrationSecrets(secret: string): IntegrationSecrets {
  const sealers = createSealers(secret);
  const sealerOf = ({ account, integrationId }: IntegrationOwner) => sealers(`integration:${account}:${integrationId}`);
  return {
    seal: (owner, credentials) => sealerOf(owner).seal(JSON.stringify(credentials)),
    open: (owner, sealed) => JSON.parse(sealerOf(owner).open(sealed)),
    issueToken({ account, integrationId }) {
      const bytes = Buffer.concat([bytesOf(account), bytesOf(integrationId), randomBytes(SECRET_BYTES)]);
      const token = PREFIX + bytes.toString('base64url');
      return { token, hash: hashOf(token) };
    },
    readToken(token) {
      if (!TOKEN.test(token)) return undefined;
      const text = token.slice(PREFIX.length);
      const bytes = Buffer.from(text, 'base64url');
      if (bytes.toString('base64url') !== text) return undefined;
      return {
        account: asId(idIn(bytes.subarray(0, ID_BYTES))),
        integrationId: idIn(bytes.subarray(ID_BYTES, 2 * ID_BYTES)),
        hash: hashOf(token),
      };
    },
    isSame(hash, other) {
      const [a, b] = [Buffer.from(hash, 'hex'), Buffer.from(other, 'hex')];
      return a.length === b.length && timingSafeEqual(a, b);
    },
  };
}
