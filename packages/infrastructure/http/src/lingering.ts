import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** Time for a client to read an answer that came while it was still sending. */
const LINGER_MS = 1_000;

/**
 * An answer that ends the connection in the middle of a body reaches the client: what still arrives is read and dropped for a
 * moment. A socket that is closed over unread bytes is reset, and the reset discards the answer on its way (RFC 9112, 9.6).
 */
export function lingerAfterRefusals(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    if (typeof payload !== 'string' || reply.getHeader('connection') !== 'close' || request.raw.complete) return payload;
    reply.header('content-length', String(Buffer.byteLength(payload)));
    return Readable.from(lingering(payload, request, reply), { objectMode: false });
  });
}

async function* lingering(payload: string, { raw }: FastifyRequest, reply: FastifyReply): AsyncGenerator<Buffer> {
  yield Buffer.from(payload);
  raw.on('error', () => {}).resume();
  await new Promise<void>((done) => {
    const timer = setTimeout(done, LINGER_MS);
    for (const stream of [raw, reply.raw])
      stream.once('close', () => {
        clearTimeout(timer);
        done();
      });
    raw.once('end', () => {
      clearTimeout(timer);
      done();
    });
  });
}
