import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A WebAuthn authenticator with its browser in software: ES256 keys, discoverable, made by hand so that it can lie in every field. */

const sha256 = (data: Uint8Array | string): Buffer => createHash('sha256').update(data).digest();
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

type Cbor = number | string | Uint8Array | Map<number | string, Cbor>;

/** As much of CBOR (RFC 8949) as attestations take. */
function cbor(value: Cbor): Buffer {
  const head = (major: number, length: number): Buffer => {
    if (length < 24) return Buffer.from([(major << 5) | length]);
    if (length < 256) return Buffer.from([(major << 5) | 24, length]);
    return Buffer.from([(major << 5) | 25, length >> 8, length & 0xff]);
  };
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Map) return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item)])]);
  return Buffer.concat([head(2, value.length), value]);
}

const FLAGS = { userPresent: 0x01, userVerified: 0x04, attested: 0x40 };

/** What a caller makes it say instead of the truth. */
export type Lies = Readonly<{
  origin?: string;
  rpId?: string;
  challenge?: string;
  userVerified?: boolean;
  counter?: number;
  crossOrigin?: boolean;
  userHandle?: string;
  type?: string;
  id?: string;
}>;

export type SoftKey = { id: string; privateKey: KeyObject; cose: Buffer; userHandle: string; counter: number };

export type Authenticator = Readonly<{
  keys: SoftKey[];
  create(options: CreationLike, lies?: Lies): Credential;
  get(options: RequestLike, lies?: Lies, key?: SoftKey): Credential;
}>;

type CreationLike = Readonly<{ challenge: string; rp: Readonly<{ id: string }>; user: Readonly<{ id: string }> }>;
type RequestLike = Readonly<{ challenge: string; rpId: string }>;
export type Credential = Readonly<{ id: string; type: 'public-key'; response: Record<string, string> & { clientDataJSON: string } }>;

export function softAuthenticator(pageOrigin: string): Authenticator {
  const keys: SoftKey[] = [];

  const clientData = (type: string, challenge: string, lies: Lies): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? pageOrigin,
        crossOrigin: lies.crossOrigin ?? false,
      }),
    );

  const authenticatorData = (rpId: string, counter: number, lies: Lies, attested: Uint8Array = Buffer.alloc(0)): Buffer => {
    const verified = (lies.userVerified ?? true) ? FLAGS.userVerified : 0;
    const count = Buffer.alloc(4);
    count.writeUInt32BE(lies.counter ?? counter);
    const flags = FLAGS.userPresent | verified | (attested.length > 0 ? FLAGS.attested : 0);
    return Buffer.concat([sha256(lies.rpId ?? rpId), Buffer.from([flags]), count, attested]);
  };

  return {
    keys,
    create({ challenge, rp, user }, lies = {}) {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
      const cose = cbor(
        new Map<number, Cbor>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x, 'base64url')],
          [-3, Buffer.from(y, 'base64url')],
        ]),
      );
      const idBytes = lies.id === undefined ? randomBytes(32) : Buffer.from(lies.id, 'base64url');
      const key: SoftKey = { id: text(idBytes), privateKey, cose, userHandle: user.id, counter: 0 };
      keys.push(key);
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, idBytes.length]), idBytes, cose]);
      const attestationObject = cbor(
        new Map<string, Cbor>([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['authData', authenticatorData(rp.id, 0, lies, attested)],
        ]),
      );
      const response = {
        clientDataJSON: text(clientData('webauthn.create', challenge, lies)),
        attestationObject: text(attestationObject),
      };
      return { id: key.id, type: 'public-key', response };
    },
    get({ challenge, rpId }, lies = {}, key = keys.at(-1)) {
      if (key === undefined) throw new Error('there is no passkey here');
      key.counter += 1;
      const client = clientData('webauthn.get', challenge, lies);
      const data = authenticatorData(rpId, key.counter, lies);
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), key.privateKey);
      const response = {
        clientDataJSON: text(client),
        authenticatorData: text(data),
        signature: text(signature),
        userHandle: lies.userHandle ?? key.userHandle,
      };
      return { id: lies.id ?? key.id, type: 'public-key', response };
    },
  };
}
