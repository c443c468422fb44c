import { ChatError, type ErrorDetails, type ErrorKind, errors } from '@coucou/domain/kernel/errors';

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
  docs: string;
}>;

/** Anything but a `ChatError` is unknown: it becomes INTERNAL, and its cause goes to the log only. */
export const asChatError = (error: unknown): ChatError => (error instanceof ChatError ? error : errors.INTERNAL({}, { cause: error }));

/** The default where the error does not say how long to wait. */
const SOON_SECONDS = 1;

/**
 * In how many whole seconds the same call may succeed: what the error says in `details.retryAfterSeconds`, else a second for every
 * error of a kind that passes by itself. Absent for all others.
 */
export function retryAfterSeconds({ kind, details }: ChatError): number | undefined {
  const { retryAfterSeconds: told } = details as { retryAfterSeconds?: unknown };
  if (typeof told === 'number') return Math.max(1, Math.ceil(told));
  return kind === 'rate_limited' || kind === 'unavailable' ? SOON_SECONDS : undefined;
}

function detailsOf(error: ChatError): ErrorDetails {
  const seconds = retryAfterSeconds(error);
  return seconds === undefined ? error.details : { ...error.details, retryAfterSeconds: seconds };
}

/** The page of the server that explains every code, each under its own anchor. */
export const ERRORS_PAGE = '/docs/errors';

/** `path` is the HTTP path or the socket event; `at` becomes the RFC 3339 timestamp. */
export type MakeErrorBody = (error: ChatError, path: string, requestId: string, at: Date) => ErrorBody;

/** Makes the bodies of a server's errors. Their links are absolute where it has a public address, else relative to its root. */
export const createErrorBody =
  (publicUrl = ''): MakeErrorBody =>
  (error, path, requestId, at) => ({
    code: error.code,
    error: error.message,
    details: detailsOf(error),
    timestamp: at.toISOString(),
    path,
    requestId,
    docs: `${publicUrl}${ERRORS_PAGE}#${error.code}`,
  });
