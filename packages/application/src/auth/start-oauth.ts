import { identityErrors } from '@coucou/domain/auth/identity';
import { isOnThisMachine, mayReturnTo } from '@coucou/domain/auth/return-address';
import { addSeconds } from '@coucou/domain/kernel/time';
import { OwnAccounts } from '../accounts/repositories.ts';
import { publicUseCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { flowSeconds, oauthPorts, type OauthState, redirectUriOf, requireProvider } from './oauth-flow.ts';
import { OauthSettings } from './oauth-settings.ts';

export type StartOauth = Readonly<{ provider: string; return_to?: string | undefined; code_challenge?: string | undefined }>;

/** Where the browser goes, and the secret that it keeps until it comes back. */
export type StartedOauth = Readonly<{ location: string; browser: string }>;

/** Nothing is kept here: the state holds what the callback needs, and the browser's cookie what makes it of use. */
export const startOauth = publicUseCase({
  name: 'auth.oauthStart',
  deps: { uow: unitOfWork({ accounts: OwnAccounts }), settings: OauthSettings, ...oauthPorts },
  async run({ uow, settings, ...ports }, input: StartOauth, call): Promise<StartedOauth> {
    requireProvider(ports, input.provider);
    const own = await uow.read(call.account, (tx) => tx.accounts.own());
    const returnTo = input.return_to ?? own.settings.returnTo[0] ?? settings.returnTo[0];
    if (returnTo === undefined) throw identityErrors.RETURN_TO_REFUSED({ field: 'return_to', reason: 'missing' });
    const isAllowed = mayReturnTo(returnTo, [...settings.returnTo, ...own.settings.returnTo]);
    if (!isAllowed && !(ports.address.isLocal && isOnThisMachine(returnTo))) throw identityErrors.RETURN_TO_REFUSED({ field: 'return_to' });
    const browser = call.browser ?? ports.opaque.generate();
    const content: OauthState = {
      account: call.account,
      provider: input.provider,
      browser: ports.opaque.hash(browser),
      challenge: input.code_challenge,
      returnTo,
    };
    const state = ports.sealed.seal('oauth-state', content, addSeconds(ports.clock.now(), flowSeconds.state));
    const request = { redirectUri: redirectUriOf(ports, input.provider), state, secret: browser };
    return { location: await ports.providers.authorizationUrl(input.provider, request), browser };
  },
});
