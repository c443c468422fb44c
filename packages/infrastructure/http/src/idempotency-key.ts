import type { Call } from '@coucou/application/kernel/call';
import type { FastifyRequest } from 'fastify';

/** Node reads headers as Latin-1; clients send UTF-8. What is neither is left to be refused. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The call with the key of its header, as sent. */
export function withIdempotencyKey(call: Call, { headers }: Pick<FastifyRequest, 'headers'>): Call {
  const given = headers['idempotency-key'];
  return given === undefined ? call : { ...call, idempotencyKey: decoded(given.toString()) };
}

function decoded(header: string): string {
  try {
    return utf8.decode(Buffer.from(header, 'latin1'));
  } catch {
    return header;
  }
}
