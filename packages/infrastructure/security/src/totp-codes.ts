import type { FactorOwner, TotpCodes } from '@coucou/application/ports/second-factors';
import { createSealers } from './sealer.ts';

/** What every authenticator app assumes. */
const PARAMETERS = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** RFC 4226, 4: as long as the hash. */
const SECRET_BYTES = 20;

/** The library is loaded by the first code. */
export function createTotpCodes(secret: string): TotpCodes {
  const sealers = createSealers(secret);
  const sealerOf = ({ account, userId }: FactorOwner) => sealers(`totp:${account}:${userId}`);
  return {
    async create(owner, { service, person }) {
      const { Secret, TOTP } = await import('otpauth');
      const own = new Secret({ size: SECRET_BYTES });
      const uri = new TOTP({ ...PARAMETERS, issuer: service, label: person, secret: own }).toString();
      return { secret: own.base32, uri, sealedSecret: sealerOf(owner).seal(own.base32) };
    },
    async stepOf(owner, sealedSecret, code, now) {
      const { Secret, TOTP } = await import('otpauth');
      const totp = new TOTP({ ...PARAMETERS, secret: Secret.fromBase32(sealerOf(owner).open(sealedSecret)) });
      const timestamp = now.getTime();
      const delta = totp.validate({ token: code, timestamp, window: 1 });
      return delta === null ? undefined : totp.counter({ timestamp }) + delta;
    },
  };
}
