export type LoggableError = Readonly<{ type: string; message: string; code?: string; stack?: string; cause?: LoggableError }>;

/**
 * The loggable part of an error: name, message, code, stack and causes. Libraries attach more to their errors, such as the values
 * of a failed statement, and personal data stays out of logs.
 */
export function loggableError(error: unknown, depth = 5): LoggableError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'Something other than an Error was thrown.' };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause === undefined || depth === 0 ? {} : { cause: loggableError(error.cause, depth - 1) }),
  };
}
