import { importPKCS8, SignJWT } from 'jose';

export type Assertion = Readonly<{ claims: Readonly<Record<string, unknown>>; now: Date /** Absent: without an end. */; seconds?: number }>;

/** Signs what this server says of itself to somebody else, as a JWT. */
export type SignAssertion = (assertion: Assertion) => Promise<string>;

/** `key`: a private key, PKCS #8 in PEM. Rejects when it is none for this algorithm. */
export async function createAssertions(
  key: string,
  { alg, keyId }: Readonly<{ alg: 'ES256' | 'RS256'; keyId?: string | undefined }>,
): Promise<SignAssertion> {
  const privateKey = await importPKCS8(key, alg);
  return ({ claims, now, seconds }) => {
    const issuedAt = Math.floor(now.getTime() / 1_000);
    const jwt = new SignJWT({ ...claims }).setProtectedHeader({ alg, ...(keyId !== undefined && { kid: keyId }) }).setIssuedAt(issuedAt);
    return (seconds === undefined ? jwt : jwt.setExpirationTime(issuedAt + seconds)).sign(privateKey);
  };
}
