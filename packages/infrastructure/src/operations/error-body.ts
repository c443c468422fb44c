import type { ErrorBody } from '@coucou/contracts/kernel/error';
import { ChatError, type ErrorKind, errors } from '@coucou/domain/kernel/errors';

/** The one table that maps an error's kind to HTTP. */
export const httpStatus: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  payment_required: 402,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported_media: 415,
  range: 416,
  invalid: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
};

/** What is not a `ChatError` is unknown: it becomes INTERNAL, and its cause goes to the log only. */
export const asChatError = (error: unknown): ChatError => (error instanceof ChatError ? error : errors.INTERNAL({}, { cause: error }));

/** The shape of an error on every transport. `path` is the HTTP path or the socket event. */
export const errorBody = (error: ChatError, path: string, requestId: string): ErrorBody => ({
  code: error.code,
  error: error.message,
  details: error.details,
  timestamp: new Date().toISOString(),
  path,
  requestId,
});
