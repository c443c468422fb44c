import { PasskeyVerifier } from '@coucou/application/ports/passkey-verifier';
import type { OriginPolicy } from '@coucou/application/ports/origin-policy';
import type { Logger } from '@coucou/observability/logger';
import { createOriginPolicy, LOCAL } from '@coucou/security/origins';
import { createPasskeyVerifier } from '@coucou/security/passkey-verifier';
import { reportRefused } from '@coucou/security/refused-origins';
import type { Config } from '../config.ts';
import { type Override, override } from './ports.ts';

type Origins = Pick<Config, 'corsOrigins' | 'socketOrigins' | 'socketOriginsSetting'>;

/** Who may call from a web page, over HTTP and over sockets. Refused origins are logged with the line that allows them; nothing allows itself. */
export function originPolicies(config: Origins, log: Logger): Readonly<{ http: OriginPolicy; sockets: OriginPolicy }> {
  const policy = (setting: string, origins: readonly string[]) =>
    reportRefused(createOriginPolicy(origins), {
      onRefused: (origin) => log.warn({ origin }, origin === undefined ? noOrigin : toAllow(setting, origins, origin)),
    });
  const http = policy('CORS_ORIGINS', config.corsOrigins);
  // One setting, one policy: a page that is refused on both is logged once.
  return {
    http,
    sockets: config.socketOriginsSetting === 'CORS_ORIGINS' ? http : policy(config.socketOriginsSetting, config.socketOrigins),
  };
}

/** Passkeys are for one domain, and for the pages that may call the API: both as configured, whatever host a request names. */
export function providePasskeys({ passkeyRpId, corsOrigins }: Pick<Config, 'passkeyRpId' | 'corsOrigins'>): Override {
  const policy = createOriginPolicy(corsOrigins);
  return override(PasskeyVerifier, createPasskeyVerifier({ rpId: passkeyRpId, isAllowed: (origin) => policy(origin, '') }));
}

const noOrigin =
  'refused a page without a web origin, such as one opened from a file; serve it from an http or https address, which can be allowed';

function toAllow(setting: string, origins: readonly string[], origin: string): string {
  const line = `${setting}=${[...origins.filter((each) => each !== LOCAL), origin].join(',')}`;
  return `refused a page of ${origin}; if it is yours, allow it in .env or the environment and start again: ${line}`;
}
