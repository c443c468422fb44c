import { ExternalTokens } from '@coucou/application/ports/external-tokens';
import { IdentityProviders } from '@coucou/application/ports/identity-providers';
import { ServerAddress } from '@coucou/application/ports/server-address';
import { createAllowList } from '@coucou/outbound/allow-list';
import { createOutbound } from '@coucou/outbound/outbound';
import { createExternalTokens } from '@coucou/security/external-tokens/external-tokens';
import { createIdentityProviders } from '@coucou/security/identity-providers/identity-providers';
import type { Container } from '../composition/container.ts';
import type { Config } from '../config.ts';

export type SignInOptions = Pick<Config, 'publicUrl' | 'conveniences' | 'identityProviders' | 'outboundAllow'> &
  Readonly<{
    /** Where the server listens; empty before. */
    listening: () => string;
  }>;

/** Of an issuer that an account names: less than what an identity provider of the operator may take. */
const issuerBounds = { timeoutMs: 5_000, maxBytes: 65_536 };

/** What serves the ports of signing in at other places. */
export function openSignIn({ publicUrl, conveniences, identityProviders, outboundAllow, listening }: SignInOptions) {
  const outbound = createOutbound({ allow: outboundAllow });
  const outboundToIssuers = createOutbound({ allow: outboundAllow, ...issuerBounds });
  const isAllowed = createAllowList(outboundAllow);
  const address: ServerAddress = {
    get url() {
      return publicUrl ?? listening();
    },
    isLocal: conveniences,
  };
  return {
    provide(container: Container): void {
      container.provide(ServerAddress, () => address);
      container.provide(IdentityProviders, () => createIdentityProviders({ providers: identityProviders, fetch: outbound }));
      container.provide(ExternalTokens, () => createExternalTokens({ fetch: outboundToIssuers, isAllowed }));
    },
  };
}
