import { ChatError, type ErrorKind, errors } from '@coucou/domain/kernel/errors';

/** The one table that maps an error's kind to an HTTP status. */
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

/** The wire shape of an error on every transport; a test holds it to the contract's schema. */
export type ErrorBody = Readonly<{
  code: string;
  error: string;
  details: unknown;
  timestamp: string;
  path: string;
  requestId: string;
}>;

/** Anything but a `ChatError` is unknown: it becomes INTERNAL, and its cause goes to the log only. */
export const asChatError = (error: unknown): ChatError => (error instanceof ChatError ? error : errors.INTERNAL({}, { cause: error }));

/** `path` is the HTTP path or the socket event; `at` becomes the RFC 3339 timestamp. */
export const errorBody = (error: ChatError, path: string, requestId: string, at: Date): ErrorBody => ({
  code: error.code,
  error: error.message,
  details: error.details,
  timestamp: at.toISOString(),
  path,
  requestId,
});
