/** Why the server does not start and how to correct it, in one line; printed without a stack trace. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartError';
  }
}

/** The code of an error or of what caused it, the outermost first: drivers and the network hang theirs at different depths. */
export function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'string' && /^(E[A-Z_]+|[0-9A-Z]{5})$/.test(code)) return code;
  }
  return undefined;
}
