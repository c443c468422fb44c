import { Readable } from 'node:stream';
import type { OpenedArchive } from '@coucou/application/privacy/export-data';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { contentDisposition } from './send-file.ts';

/** A client that takes no bytes for as long is given up. */
const SILENCE_MS = 60_000;

/**
 * Sends an archive as it is made, as fast as the client takes it; nobody knows its length before. One that fails on the way ends the
 * connection without the end of the body, so that no client takes it for whole.
 */
export function sendArchive(request: FastifyRequest, reply: FastifyReply, { name, type, body }: OpenedArchive): FastifyReply {
  request.raw.socket.setTimeout(SILENCE_MS);
  return reply
    .code(200)
    .header('cache-control', 'no-store')
    .header('content-type', type)
    .header('content-disposition', contentDisposition(false, name))
    .header('x-content-type-options', 'nosniff')
    .send(Readable.from(body, { objectMode: false }));
}
