import { createHash, createHmac } from 'node:crypto';
import type { AuthorizationRequest, IdentityProviders } from '@coucou/application/ports/identity-providers';
import { identityErrors } from '@coucou/domain/auth/identity';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { GuardedFetch, Provider, ProviderOptions, ProviderRequest } from './provider.ts';

export type IdentityProvidersOptions = Readonly<{
  providers: readonly ProviderOptions[];
  /** The outbound guard. */
  fetch: GuardedFetch;
}>;

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

/** Derived for one state from the browser's secret, so that an answer is of use in that browser only, and no URL holds it. */
function derive(request: AuthorizationRequest): ProviderRequest {
  const from = (purpose: string) => createHmac('sha256', request.secret).update(`${purpose}:${request.state}`).digest('base64url');
  const verifier = from('pkce');
  return { ...request, verifier, challenge: challengeOf(verifier), nonce: from('nonce') };
}

/** Their code is loaded when somebody first signs in by one of them. */
async function load(options: ProviderOptions, fetch: GuardedFetch): Promise<Provider> {
  if (options.kind === 'github') return (await import('./github.ts')).createGithubProvider(options, fetch);
  return (await import('./oidc.ts')).createOidcProvider(options, fetch);
}

export function createIdentityProviders({ providers, fetch }: IdentityProvidersOptions): IdentityProviders {
  const known = new Map(providers.map((options) => [options.id, { options, provider: undefined as Promise<Provider> | undefined }]));

  function providerOf(id: string): Promise<Provider> {
    const entry = known.get(id);
    if (entry === undefined) throw identityErrors.OAUTH_PROVIDER_UNKNOWN();
    return (entry.provider ??= load(entry.options, fetch));
  }

  return {
    list: providers.map(({ id, name, issuer }) => ({ id, name, issuer })),
    challengeOf,

    async authorizationUrl(id, request) {
      const provider = await providerOf(id);
      return provider.authorizationUrl(derive(request)).catch((error: unknown) => {
        throw errors.SERVICE_UNAVAILABLE({ provider: id }, { cause: error });
      });
    },

    async identify(id, request, answer) {
      const provider = await providerOf(id);
      const url = new URL(request.redirectUri);
      url.search = new URLSearchParams({ ...answer }).toString();
      return provider.identify(derive(request), url).catch((error: unknown) => {
        throw explain(id, error);
      });
    },
  };
}

type Failure = Readonly<{ name?: string; code?: string; error?: string; status?: number; cause?: unknown }>;

/** What is wrong with an answer is the caller's to correct; a provider that cannot be asked is not. */
function explain(provider: string, error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  const { name, error: code, status = 0 } = error as Failure;
  // The error of RFC 6749, 4.1.2.1: `access_denied` where somebody does not want to.
  if (name === 'AuthorizationResponseError') return identityErrors.OAUTH_FAILED({ provider, reason: reasonOf(code) }, { cause: error });
  return status >= 500 || isUnreachable(error)
    ? errors.SERVICE_UNAVAILABLE({ provider }, { cause: error })
    : identityErrors.OAUTH_FAILED({ provider }, { cause: error });
}

/** The codes that a browser may be told of; anybody can write another one into a URL. */
const reasonOf = (code: string | undefined): string => (code !== undefined && /^[a-z_]{1,64}$/.test(code) ? code : 'refused');

function isUnreachable(error: unknown): boolean {
  for (
    let each = error as Failure | undefined, depth = 0;
    each !== undefined && depth < 5;
    each = each.cause as Failure | undefined, depth += 1
  )
    if (each.name === 'OutboundError' || each.code === 'OAUTH_TIMEOUT') return true;
  return false;
}
