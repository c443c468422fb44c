import { Readable } from 'node:stream';
import type { OpenedFile } from '@coucou/application/attachments/open-attachment';
import type { FileStore } from '@coucou/application/ports/file-store';
import { attachmentErrors } from '@coucou/domain/attachments/attachment';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { byteRange } from './byte-range.ts';
import { isHeld } from './if-none-match.ts';

/** Sandboxed: however a browser interprets the bytes, they run no script and load nothing. */
const POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'";

/** The name twice: an ASCII fallback, and the encoded UTF-8 name (RFC 6266, RFC 8187). */
export function contentDisposition(inline: boolean, name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]/g, '_').replaceAll(/["\\%]/g, '_');
  const whole = encodeURIComponent(name).replaceAll(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${inline ? 'inline' : 'attachment'}; filename="${plain}"; filename*=UTF-8''${whole}`;
}

/** Sends a file or the requested range. Private caches may store it and must revalidate on each use. */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: OpenedFile,
  store: Pick<FileStore, 'get'>,
): Promise<FastifyReply> {
  const { headers, method } = request;
  const caching = () => reply.header('etag', file.etag).header('cache-control', 'private, no-cache').header('accept-ranges', 'bytes');
  if (isHeld(headers['if-none-match'], file.etag)) return caching().code(304).send();

  const ifRange = headers['if-range'];
  const current = ifRange === undefined || ifRange.toString() === file.etag;
  // Only GET has ranges (RFC 9110, 14.2): HEAD says what there is.
  const range = current && method === 'GET' ? byteRange(headers.range, file.size) : undefined;
  if (range === 'unsatisfiable') {
    reply.header('content-range', `bytes */${file.size}`);
    throw attachmentErrors.RANGE_UNSATISFIABLE({ size: file.size });
  }
  const length = range === undefined ? file.size : range.end - range.start + 1;
  const body = method === 'HEAD' ? Readable.from([]) : await store.get(file.key, range);
  if (body === undefined) throw attachmentErrors.ATTACHMENT_NOT_FOUND();
  if (range !== undefined) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${file.size}`);
  return caching()
    .header('content-type', file.type)
    .header('content-length', String(length))
    .header('content-disposition', contentDisposition(file.inline, file.name))
    .header('content-security-policy', POLICY)
    .header('x-content-type-options', 'nosniff')
    .send(body instanceof Readable ? body : Readable.from(body));
}
