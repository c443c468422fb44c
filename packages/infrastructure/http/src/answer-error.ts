import { boundSessionErrors } from '@coucou/domain/auth/bound-session';
import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { httpStatus, type MakeErrorBody, retryAfterSeconds } from '@coucou/application/kernel/error-body';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import { requestError } from './request-error.ts';
import { noteRefusal } from './request-limits.ts';
import { requestFields } from './request-fields.ts';

/** What answering an error takes besides the request: where faults are logged, what makes bodies, and the bytes that a request may have. */
export type Answering = Readonly<{ log: FastifyBaseLogger; errorBody: MakeErrorBody; maxPayload: number }>;

/** Without the query, which may hold personal data, and without the signature of a file's URL: clients log the errors they get. */
const pathOf = ({ url }: FastifyRequest): string => (url.split('?', 1)[0] ?? '').replace(/(\/files\/)[^/]+/, '$1[redacted]');

/** Answers any error in the one error shape, with the headers of its status: that of its kind, where HTTP has no closer one. */
export function answerError(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, errorBody, maxPayload }: Answering,
  closerStatus?: number,
): FastifyReply {
  const error = requestError(thrown, maxPayload);
  logFault(error, request, log);
  const status = closerStatus ?? httpStatus[error.kind];
  if (status === 401) reply.header('www-authenticate', challengeOf(error));
  const { nonce } = error.details as { nonce?: unknown };
  if (typeof nonce === 'string') reply.header('dpop-nonce', nonce);
  // What is left of the request would come after its answer.
  if (error.code === errors.TIMEOUT.code) reply.header('connection', 'close');
  const retryAfter = retryAfterSeconds(error);
  if (error.code === errors.RATE_LIMITED.code) noteRefusal(request, error, retryAfter);
  if (retryAfter !== undefined) reply.header('retry-after', String(retryAfter));
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(errorBody(error, pathOf(request), request.id, new Date())));
}

/** What a proof is refused for, in the words of RFC 9449. */
const proofFaults: Readonly<Record<string, string>> = {
  [boundSessionErrors.PROOF_REQUIRED.code]: 'invalid_token',
  [boundSessionErrors.KEY_MISMATCH.code]: 'invalid_token',
  [boundSessionErrors.PROOF_INVALID.code]: 'invalid_dpop_proof',
  [boundSessionErrors.PROOF_REUSED.code]: 'invalid_dpop_proof',
  [boundSessionErrors.NONCE_REQUIRED.code]: 'use_dpop_nonce',
};

function challengeOf({ code }: ChatError): string {
  const fault = proofFaults[code];
  return fault === undefined ? 'Bearer' : `DPoP error="${fault}", algs="ES256 EdDSA"`;
}

/** The client receives the code; the log receives the cause. Client errors are not logged. */
function logFault(error: ChatError, request: FastifyRequest, log: FastifyBaseLogger): void {
  if (error.kind !== 'internal' && error.kind !== 'unavailable') return;
  // A server that is stopping rejects requests on purpose.
  if ((error.details as { reason?: unknown }).reason === 'stopping') return;
  const fields = { ...requestFields(request), code: error.code, error: loggableError(error.cause ?? error) };
  if (error.kind === 'internal') log.error(fields, 'a request failed');
  else log.warn(fields, 'a request was rejected');
}
