import { ChatError, errors } from '@coucou/domain/kernel/errors';

type DatabaseError = Readonly<{ code?: string; constraint?: string; message?: string; detail?: string; file?: string; routine?: string }>;

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as DatabaseError;
  return typeof code === 'string' ? code : '';
};

/** No session could be had: the database is away, full, or refuses this login. The cause says which. */
export class NoSessionError extends Error {
  constructor(cause: unknown) {
    super(`no connection to the database: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'NoSessionError';
  }
}

/** As the network says it, of a connection that was open. */
const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOST|ENET|EAI_|ERR_SSL_|ERR_STREAM_)/;

/** No session, class 08, the server shutting down or a backend terminated (57P), and what the network says: a retry gets another connection. */
export const isConnectionError = (error: unknown): boolean => {
  if (error instanceof NoSessionError) return true;
  const code = codeOf(error);
  if (code.startsWith('08') || code.startsWith('57P') || NETWORK.test(code)) return true;
  return (
    error instanceof Error &&
    code === '' &&
    /Connection terminated|is not queryable|timeout expired|Query read timeout|timeout exceeded when trying to connect/i.test(error.message)
  );
};

/**
 * The server is read-only: a standby since a fail-over, or a primary that was set so. A new connection may reach the new primary.
 */
export const isReadOnly = (error: unknown): boolean => codeOf(error) === '25006';

/** What the database's own storage says by its source files (`errcode_for_file_access`), whatever the code and the language of the message. */
const STORAGE_FILES = new Set([
  'md.c',
  'fd.c',
  'smgr.c',
  'bufmgr.c',
  'xlog.c',
  'xlogutils.c',
  'slru.c',
  'buffile.c',
  'relmapper.c',
  'copydir.c',
]);

/**
 * The database cannot serve for reasons of its own, and the same statement works again once they are gone: away, out of disk, memory or
 * connections (class 53), ended by its operator (57), failed by its system (58), read-only.
 */
export function isUnavailable(error: unknown): boolean {
  if (isConnectionError(error) || isReadOnly(error)) return true;
  const code = codeOf(error);
  if (/^(53|57|58)...$/.test(code)) return code !== QUERY_CANCELED;
  // A file system that turned read-only is "insufficient privilege", and an exceeded quota "internal error".
  return (code === '42501' || code === 'XX000') && STORAGE_FILES.has((error as DatabaseError).file ?? '');
}

/** By a statement's timeout. */
const QUERY_CANCELED = '57014';
/** By a time limit: of a statement, of waiting for a lock, of a transaction that idles, of a transaction. */
const TIMEOUTS = new Set([QUERY_CANCELED, '55P03', '25P03', '25P04']);

/** Of a prepared statement that no longer fits, since the schema changed: it keeps failing on this connection. */
export const isStale = (error: unknown): boolean =>
  codeOf(error) === '26000' || (codeOf(error) === '0A000' && (error as DatabaseError).routine === 'RevalidateCachedQuery');

/** A lock was not to be had in time, or a deadlock was found. */
export const isLockConflict = (error: unknown): boolean => ['55P03', '40P01'].includes(codeOf(error));

/** A deadlock, a serialisation failure or a stale statement: a retry may succeed. */
export const isRetryable = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error)) || isStale(error);

/** The values themselves are at fault, or too large for an index (54): the same statement fails again. */
export const isDataError = (error: unknown): boolean => /^(2[123]|54)...$/.test(codeOf(error));

/** Whether this is the violation of the named unique constraint, which an adapter expects. */
export const violates = (error: unknown, constraint: string): boolean =>
  codeOf(error) === '23505' && (error as DatabaseError).constraint === constraint;

/** Raised by a trigger that keeps a limit of the account's plan, with the details of the answer as JSON in its detail. */
const PLAN_LIMIT = 'CC402';

/** Maps unexpected database errors; the cause is for the log. */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof ChatError) return error;
  const cause = { cause: error };
  if (isUnavailable(error)) return errors.SERVICE_UNAVAILABLE({}, cause);
  const code = codeOf(error);
  if (TIMEOUTS.has(code)) return errors.TIMEOUT({}, cause);
  if (isRetryable(error)) return errors.OVERLOADED({}, cause);
  if (code === '23505') return errors.CONFLICT({}, cause);
  if (code === '23503') return errors.REFERENCE_INVALID({}, cause);
  if (code === PLAN_LIMIT) return errors.PLAN_LIMIT_REACHED(JSON.parse((error as DatabaseError).detail ?? '{}'), cause);
  if (code === '22021' || code === '22P05')
    return errors.VALIDATION_FAILED(
      [{ path: [], rule: 'encoding', message: 'The text contains characters that cannot be stored.' }],
      cause,
    );
  return error;
}
