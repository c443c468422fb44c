import type { UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

/** What `PublicKeyCredential.toJSON()` answers in a browser, as far as it is looked at (WebAuthn 3, 5.1). */
export type CredentialResponse = Readonly<{
  id: string;
  response: Readonly<{
    clientDataJSON: string;
    attestationObject?: string | undefined;
    authenticatorData?: string | undefined;
    signature?: string | undefined;
    userHandle?: string | undefined;
    transports?: readonly string[] | undefined;
  }>;
}>;

export type NewCredential = Readonly<{
  credentialId: string;
  publicKey: string;
  counter: number;
  transports: readonly string[];
  backedUp: boolean;
}>;

export type CreationOptions = Readonly<{
  challenge: string;
  rp: Readonly<{ id: string; name: string }>;
  user: Readonly<{ id: string; name: string; displayName: string }>;
  pubKeyCredParams: readonly Readonly<{ type: 'public-key'; alg: number }>[];
  timeout: number;
  excludeCredentials: readonly Readonly<{ type: 'public-key'; id: string; transports: readonly string[] }>[];
  authenticatorSelection: Readonly<{ residentKey: 'required'; requireResidentKey: true; userVerification: 'required' }>;
  attestation: 'none';
}>;

export type RequestOptions = Readonly<{ challenge: string; rpId: string; timeout: number; userVerification: 'required' }>;

export type Registering = Readonly<{
  challenge: string;
  service: string;
  user: Readonly<{ id: UserId; username: string; displayName: string }>;
  known: readonly Readonly<{ credentialId: string; transports: readonly string[] }>[];
}>;

/**
 * The side of WebAuthn that relies on the authenticators: for one domain (`rpId`) and the pages that are allowed there, both from the
 * configuration. Challenges are base64url. User verification is required everywhere.
 */
export interface PasskeyVerifier {
  creationOptions(registering: Registering): CreationOptions;
  requestOptions(challenge: string): RequestOptions;
  /** The challenge that was signed, not verified yet; undefined for what is no client data. */
  challengeOf(credential: CredentialResponse): string | undefined;
  /** The user named by a discoverable credential, not verified yet. */
  userOf(credential: CredentialResponse): string | undefined;
  /** Undefined where anything is wrong: challenge, origin, domain, flags, signature, form. */
  verifyRegistration(credential: CredentialResponse, challenge: string): Promise<NewCredential | undefined>;
  /** The authenticator's counter, which is for the caller to compare; undefined as above. */
  verifyAuthentication(
    credential: CredentialResponse,
    challenge: string,
    key: Readonly<{ credentialId: string; publicKey: string }>,
  ): Promise<Readonly<{ counter: number }> | undefined>;
}
export const PasskeyVerifier = token<PasskeyVerifier>('PasskeyVerifier');
