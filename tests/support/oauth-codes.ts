import { randomBytes } from 'node:crypto';
import type { OauthCode } from '@coucou/application/auth/oauth-flow';
import { asId } from '@coucou/domain/kernel/ids';
import { createIdentityProviders } from '@coucou/security/identity-providers/identity-providers';
import { createSealedTokens } from '@coucou/security/sealed-tokens';
import { decodeJwt } from 'jose';
import { environment } from './environment.ts';
import { expectStatus, type Person } from './people.ts';

const { SECRET_KEY = '' } = environment({});
const { challengeOf } = createIdentityProviders({ providers: [], fetch: () => Promise.reject(new Error('not here')) });

/** Links an identity to somebody of a server under test, by a code as its callback would have sealed it: the identity's id. */
export async function linkIdentity({ http, accessToken }: Person, subject: string): Promise<string> {
  const codeVerifier = randomBytes(32).toString('base64url');
  const content: OauthCode = {
    account: asId(String(decodeJwt(accessToken)['acc'])),
    provider: 'test',
    browser: '',
    challenge: challengeOf(codeVerifier),
    identity: {
      issuer: 'https://issuer.example',
      subject,
      email: undefined,
      emailVerified: false,
      username: undefined,
      displayName: undefined,
    },
  };
  const code = createSealedTokens(SECRET_KEY).seal('oauth-code', content, new Date(Date.now() + 60_000));
  return expectStatus(await http.call('POST', '/api/v1/auth/identities', { code, codeVerifier }), 201).id;
}
