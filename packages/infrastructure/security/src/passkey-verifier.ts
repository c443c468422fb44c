import type { CredentialResponse, PasskeyVerifier } from '@coucou/application/ports/passkey-verifier';

export type PasskeyVerifierOptions = Readonly<{
  /** The domain that passkeys are for: the host of the pages, or a parent domain of it. */
  rpId: string;
  /** Whether a page of this origin may use them. Never decided by the `Host` of a request. */
  isAllowed: (origin: string) => boolean;
}>;

/** EdDSA, ES256, RS256: what platforms offer. */
const ALGORITHMS = [-8, -7, -257];
/** A person looks for their security key; conditional UI knows no time limit. */
const TIMEOUT_MS = 300_000;

type ClientData = Readonly<{ challenge?: unknown; origin?: unknown; crossOrigin?: unknown }>;

function clientDataOf({ response }: CredentialResponse): ClientData {
  try {
    const data: unknown = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString('utf8'));
    return typeof data === 'object' && data !== null ? data : {};
  } catch {
    return {};
  }
}

const loadLibrary = () => import('@simplewebauthn/server');

/** The library, which brings parsers for every kind of attestation, is loaded by the first response that is verified. */
export function createPasskeyVerifier({ rpId, isAllowed }: PasskeyVerifierOptions): PasskeyVerifier {
  /** Undefined for a page that may not: of another origin, or in a frame of one. */
  function originOf(credential: CredentialResponse): string | undefined {
    const { origin, crossOrigin } = clientDataOf(credential);
    return typeof origin === 'string' && crossOrigin !== true && isAllowed(origin) ? origin : undefined;
  }

  return {
    creationOptions: ({ challenge, service, user, known }) => ({
      challenge,
      rp: { id: rpId, name: service },
      user: { id: Buffer.from(user.id).toString('base64url'), name: user.username, displayName: user.displayName },
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      timeout: TIMEOUT_MS,
      excludeCredentials: known.map(({ credentialId: id, transports }) => ({ type: 'public-key', id, transports })),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
    }),

    requestOptions: (challenge) => ({ challenge, rpId, timeout: TIMEOUT_MS, userVerification: 'required' }),

    challengeOf(credential) {
      const { challenge } = clientDataOf(credential);
      return typeof challenge === 'string' ? challenge : undefined;
    },

    userOf: ({ response: { userHandle } }) =>
      userHandle === undefined ? undefined : Buffer.from(userHandle, 'base64url').toString('utf8'),

    async verifyRegistration(credential, challenge) {
      const origin = originOf(credential);
      if (origin === undefined) return undefined;
      const { verifyRegistrationResponse } = await loadLibrary();
      const { clientDataJSON, attestationObject = '', transports = [] } = credential.response;
      try {
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          response: {
            id: credential.id,
            rawId: credential.id,
            type: 'public-key',
            clientExtensionResults: {},
            response: { clientDataJSON, attestationObject },
          },
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpId,
          requireUserVerification: true,
          supportedAlgorithmIDs: ALGORITHMS,
        });
        if (!verified) return undefined;
        const { id: credentialId, publicKey, counter } = registrationInfo.credential;
        const backedUp = registrationInfo.credentialBackedUp;
        return { credentialId, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports, backedUp };
      } catch {
        // The library throws for whatever does not fit.
        return undefined;
      }
    },

    async verifyAuthentication(credential, challenge, { credentialId, publicKey }) {
      const origin = originOf(credential);
      if (origin === undefined || credential.id !== credentialId) return undefined;
      const { verifyAuthenticationResponse } = await loadLibrary();
      const { clientDataJSON, authenticatorData = '', signature = '' } = credential.response;
      try {
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response: {
            id: credential.id,
            rawId: credential.id,
            type: 'public-key',
            clientExtensionResults: {},
            response: { clientDataJSON, authenticatorData, signature },
          },
          expectedChallenge: challenge,
          expectedOrigin: origin,
          expectedRPID: rpId,
          requireUserVerification: true,
          // A counter of 0 is compared with nothing: what a counter that went back means is decided by the domain.
          credential: { id: credentialId, publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')), counter: 0 },
        });
        return verified ? { counter: authenticationInfo.newCounter } : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
