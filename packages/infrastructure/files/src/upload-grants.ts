import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { ExpectedUpload, UploadGrants, UploadTargets } from '@coucou/application/ports/upload-targets';
import { asId } from '@coucou/domain/kernel/ids';
import { isFileKey } from './keys.ts';

export type UploadGrantsOptions = Readonly<{
  /** The server's secret, the same on all nodes. */
  secret: string;
  /** Base URL for clients; without it the URL is relative, never derived from the `Host` header. */
  publicUrl: string | undefined;
}>;

type Claims = readonly [account: string, attachment: string, key: string, maxBytes: number, expires: number];

const isClaims = (value: unknown): value is Claims =>
  Array.isArray(value) &&
  value.length === 5 &&
  value.slice(0, 3).every((part) => typeof part === 'string') &&
  value.slice(3).every(Number.isSafeInteger);

/**
 * Upload targets on this server, for stores without direct uploads. The grant is a field of the form, as in a presigned
 * policy, and not part of the URL, which is logged.
 */
export function createUploadGrants({ secret, publicUrl }: UploadGrantsOptions): UploadTargets & UploadGrants {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'coucou:upload-grants', 32));
  const sign = (body: string): Buffer => createHmac('sha256', key).update(body).digest();

  return {
    async issue({ account, attachmentId, key: fileKey, maxBytes, expiresAt }) {
      const claims: Claims = [account, attachmentId, fileKey, maxBytes, Math.floor(expiresAt.getTime() / 1000)];
      const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
      const url = `${publicUrl ?? ''}/api/v1/attachments/${attachmentId}/content`;
      return { url, fields: { grant: `${body}.${sign(body).toString('base64url')}` }, expiresAt };
    },

    verify(grant, attachmentId): ExpectedUpload | undefined {
      const [body = '', signature = ''] = grant.split('.', 2);
      const expected = sign(body);
      const given = Buffer.from(signature, 'base64url');
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const claims: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
      if (!isClaims(claims)) return undefined;
      const [account, attachment, fileKey, maxBytes, expires] = claims;
      if (attachment !== attachmentId || !isFileKey(fileKey) || expires * 1000 <= Date.now()) return undefined;
      return { account: asId(account), attachmentId, key: fileKey, maxBytes, expiresAt: new Date(expires * 1000) };
    },
  };
}
