import type { OriginPolicy } from '@coucou/application/ports/origin-policy';
import type { Logger } from '@coucou/observability/logger';
import { createOriginPolicy, LOCAL } from '@coucou/security/origins';
import { reportRefused } from '@coucou/security/refused-origins';
import type { Config } from '../config.ts';

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

const noOrigin =
  'refused a page without a web origin, such as one opened from a file; serve it from an http or https address, which can be allowed';

function toAllow(setting: string, origins: readonly string[], origin: string): string {
  const line = `${setting}=${[...origins.filter((each) => each !== LOCAL), origin].join(',')}`;
  return `refused a page of ${origin}; if it is yours, allow it in .env or the environment and start again: ${line}`;
}
