import { publicUseCase } from '../kernel/use-case.ts';
import { IdentityProviders } from '../ports/identity-providers.ts';

export const listProviders = publicUseCase({
  name: 'auth.oauthProviders',
  deps: { providers: IdentityProviders },
  run: async ({ providers }, _input: Readonly<Record<never, never>>) => providers.list,
});
