import { identityErrors } from '@coucou/domain/auth/identity';
import { withParameter } from '@coucou/domain/auth/return-address';
import { ChatError } from '@coucou/domain/kernel/errors';
import { addSeconds } from '@coucou/domain/kernel/time';
import { publicUseCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { flowSeconds, type OauthCode, oauthPorts, openState, redirectUriOf, requireProvider } from './oauth-flow.ts';
import { Claims } from './repositories.ts';

/** The provider, and the query that it sent the browser back with. */
export type FinishOauth = Readonly<{ provider: string; state: string } & Record<string, string>>;

/** The redirect target; `failure` is the cause of an error passed to it. */
export type FinishedOauth = Readonly<{ location: string; failure?: ChatError }>;

/**
 * The callback. What somebody is proven to be goes back to the client as a code, with which it signs in, or links it to who is signed in
 * there already. An answer to a state that is not this browser's own leads nowhere.
 */
export const finishOauth = publicUseCase({
  name: 'auth.oauthCallback',
  deps: { uow: unitOfWork({ claims: Claims }), ...oauthPorts },
  async run({ uow, ...ports }, { provider, ...answer }: FinishOauth, call): Promise<FinishedOauth> {
    requireProvider(ports, provider);
    const { state: text } = answer;
    const { id, expiresAt, content } = openState(ports, provider, text, call);
    // Before the provider is asked, which takes a while: the answer is spent whatever becomes of it.
    const isFirst = await uow.write(content.account, (tx) => tx.claims.claimOnce('oauth-state', id, expiresAt));
    if (!isFirst) throw identityErrors.OAUTH_STATE_INVALID();
    const { returnTo, ...beginner } = content;
    try {
      const request = { redirectUri: redirectUriOf(ports, provider), state: text, secret: call.browser ?? '' };
      const code: OauthCode = { ...beginner, identity: await ports.providers.identify(provider, request, answer) };
      const sealed = ports.sealed.seal('oauth-code', code, addSeconds(ports.clock.now(), flowSeconds.code));
      return { location: withParameter(returnTo, 'code', sealed) };
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      return { location: withParameter(returnTo, 'error', error.code), failure: error };
    }
  },
});
