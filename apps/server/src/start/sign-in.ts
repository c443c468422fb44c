import { IdentityProviders } from '@coucou/application/ports/identity-providers';
import { ServerAddress } from '@coucou/application/ports/server-address';
import { createOutbound } from '@coucou/outbound/outbound';
import { createIdentityProviders } from '@coucou/security/identity-providers/identity-providers';
import type { Container } from '../composition/container.ts';
import type { Config } from '../config.ts';

export type SignInOptions = Pick<Config, 'publicUrl' | 'conveniences' | 'identityProviders' | 'outboundAllow'> &
  Readonly<{
    /** Where the server listens; empty before. */
    listening: () => string;
  }>;

/** What serves the ports of signing in at other places. */
export function openSignIn({ publicUrl, conveniences, identityProviders, outboundAllow, listening }: SignInOptions) {
  const outbound = createOutbound({ allow: outboundAllow });
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
    },
  };
}
