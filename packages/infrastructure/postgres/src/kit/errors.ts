import { ChatError, errors } from '@coucou/domain/kernel/errors';

type DatabaseError = Readonly<{ code?: string; constraint?: string; message?: string }>;

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as DatabaseError;
  return typeof code === 'string' ? code : '';
};

/** Class 08, the server shutting down or a backend terminated, and what the network says. */
export const isConnectionError = (error: unknown): boolean => {
  const code = codeOf(error);
  if (code.startsWith('08') || code.startsWith('57P') || /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_)/.test(code)) return true;
  return (
    error instanceof Error &&
    code === '' &&
    /Connection terminated|is not queryable|timeout expired|timeout exceeded when trying to connect/i.test(error.message)
  );
};

/** A deadlock or serialisation failure: a retry may succeed. */
export const isRetryable = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error));

/** The values themselves are at fault: the same statement fails again. */
export const isDataError = (error: unknown): boolean => /^2[123]/.test(codeOf(error));

/** Whether this is the violation of the named unique constraint, which an adapter expects. */
export const violates = (error: unknown, constraint: string): boolean =>
  codeOf(error) === '23505' && (error as DatabaseError).constraint === constraint;

/** Maps unexpected database errors; the cause is for the log. */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof ChatError) return error;
  const cause = { cause: error };
  if (isConnectionError(error)) return errors.SERVICE_UNAVAILABLE({}, cause);
  const code = codeOf(error);
  if (code === '57014' || code === '55P03' || code === '25P03') return errors.TIMEOUT({}, cause);
  if (isRetryable(error) || code === '53300') return errors.OVERLOADED({}, cause);
  if (code === '23505') return errors.CONFLICT({}, cause);
  if (code === '23503') return errors.REFERENCE_INVALID({}, cause);
  if (code === '22021' || code === '22P05')
    return errors.VALIDATION_FAILED(
      [{ path: [], rule: 'encoding', message: 'The text contains characters that cannot be stored.' }],
      cause,
    );
  return error;
}
