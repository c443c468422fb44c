import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OutboundCalls } from '@coucou/application/ports/outbound-calls';
import { PushServices } from '@coucou/application/ports/push-services';
import { createPushServices } from '@coucou/push-services/push-services';
import { vapidPublicKey } from '@coucou/push-services/vapid';
import { createWebPush } from '@coucou/push-services/web-push';
import type { Override } from '@coucou/server/composition/ports';
import { importJWK, jwtVerify } from 'jose';
import type { Payload } from './event-log.ts';

export const VAPID = { privateKey: 'IQ9Ur0ykXoHS9gzfYX0aBjy9lvdrjx_PFUXmie9YRcY', subject: 'mailto:operator@example.com' };
export const VAPID_KEY = vapidPublicKey(VAPID.privateKey);

/** Web Push with the keys of an operator. */
export const webPush: Override = (container) =>
  container.provide(PushServices, (resolve) => createPushServices({ web: createWebPush(VAPID, resolve(OutboundCalls)) }, VAPID_KEY));

/** What a push service was asked, and what the device made of it with its own keys. */
export type Pushed = Readonly<{ path: string; headers: IncomingHttpHeaders; bytes: Buffer; data: Payload }>;

export type Device = Readonly<{ path: string; subscription: Payload }>;

/** A push service on this machine, with the devices that subscribe at it. */
export type LocalPushService = Readonly<{
  url: string;
  pushed: Pushed[];
  /** How it answers from now on; 201 until then. */
  behave: (answer: (response: ServerResponse) => unknown) => void;
  /** A device with keys of its own, as a browser makes them. */
  device: () => Device;
  /** Those that went to one device, in order. */
  of: (device: Device) => readonly Pushed[];
  close: () => Promise<void>;
}>;

type Keys = Readonly<{ ecdh: ReturnType<typeof createECDH>; auth: Buffer }>;

const derive = (key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number) =>
  Buffer.from(hkdfSync('sha256', key, salt, info, length));

/** One record of RFC 8188, under the keys of RFC 8291: written after the standards, and not with the library that encrypts. */
function decrypt(bytes: Buffer, { ecdh, auth }: Keys): string {
  const salt = bytes.subarray(0, 16);
  const senderEnd = 21 + (bytes[20] ?? 0);
  const sender = bytes.subarray(21, senderEnd);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), sender]);
  const key = derive(ecdh.computeSecret(sender), auth, info, 32);
  const contentKey = derive(key, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = derive(key, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
  const decipher = createDecipheriv('aes-128-gcm', contentKey, nonce);
  decipher.setAuthTag(bytes.subarray(-16));
  const padded = Buffer.concat([decipher.update(bytes.subarray(senderEnd, -16)), decipher.final()]);
  const end = padded.lastIndexOf(2);
  if (end === -1 || padded.subarray(end + 1).some((byte) => byte !== 0)) throw new Error('this is not the last record');
  return padded.subarray(0, end).toString();
}

export async function openPushService(): Promise<LocalPushService> {
  const pushed: Pushed[] = [];
  const keys = new Map<string, Keys>();
  let answer: (response: ServerResponse) => unknown = (response) => response.writeHead(201).end();
  const server = createServer((request, response) => {
    void request
      .toArray()
      .then((chunks: Buffer[]) => {
        const bytes = Buffer.concat(chunks);
        const path = request.url ?? '';
        const own = keys.get(path);
        pushed.push({ path, headers: request.headers, bytes, data: own && JSON.parse(decrypt(bytes, own)) });
        return answer(response);
      })
      .catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    pushed,
    behave: (next) => void (answer = next),
    device() {
      const path = `/send/${randomBytes(12).toString('base64url')}`;
      const ecdh = createECDH('prime256v1');
      const auth = randomBytes(16);
      const p256dh = ecdh.generateKeys('base64url');
      keys.set(path, { ecdh, auth });
      return {
        path,
        subscription: { endpoint: `${url}${path}`, expirationTime: null, keys: { p256dh, auth: auth.toString('base64url') } },
      };
    },
    of: ({ path }) => pushed.filter((each) => each.path === path),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What the server says of itself (RFC 8292), verified by the key that it names. */
export async function vapidOf({ headers }: Pushed): Promise<Readonly<{ claims: Payload; key: string }>> {
  const [, token = '', key = ''] = /^vapid t=([^,]+), ?k=(.+)$/.exec(headers.authorization ?? '') ?? [];
  const bytes = Buffer.from(key, 'base64url');
  const [x = '', y = ''] = [bytes.subarray(1, 33), bytes.subarray(33)].map((half) => half.toString('base64url'));
  const { payload } = await jwtVerify(token, await importJWK({ kty: 'EC', crv: 'P-256', x, y }, 'ES256'));
  return { claims: payload, key };
}
