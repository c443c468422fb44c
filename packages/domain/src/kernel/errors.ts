/**
 * An error is a code and a kind. The code is stable and clients switch on it; the kind decides how each transport
 * answers (one table per transport). Errors are thrown, never returned; "absent is normal" is `undefined` at a port.
 */
export type ErrorKind =
  | 'malformed'
  | 'invalid'
  | 'too_large'
  | 'range'
  | 'unsupported_media'
  | 'unauthenticated'
  | 'payment_required'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'rate_limited'
  | 'unavailable'
  | 'internal';

export type ErrorDetails = Readonly<Record<string, unknown>> | readonly unknown[];

export class ChatError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(code: string, kind: ErrorKind, sentence: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(sentence, options);
    this.name = 'ChatError';
    this.code = code;
    this.kind = kind;
    this.details = details;
  }
}

/** A line of the error catalogue. `sentence` is what a person reads; it never holds data of a request. */
export type ErrorDefinition = Readonly<{ code: string; kind: ErrorKind; sentence: string }>;

export type ErrorFactory<Code extends string = string> = ((details?: ErrorDetails, options?: ErrorOptions) => ChatError) &
  ErrorDefinition & { readonly code: Code };

type CodeOf<Scope extends string, Key extends string> = Scope extends '' ? Key : `${Scope}_${Key}`;

/**
 * Declares the errors of one feature. `defineErrors('CONVERSATION', { NOT_FOUND: ['not_found', '…'] })` makes the code
 * `CONVERSATION_NOT_FOUND`; an empty scope keeps the key as the whole code.
 */
export function defineErrors<const Scope extends string, const Table extends Readonly<Record<string, readonly [ErrorKind, string]>>>(
  scope: Scope,
  table: Table,
): { readonly [Key in keyof Table & string]: ErrorFactory<CodeOf<Scope, Key>> } {
  const factories = Object.entries(table).map(([key, [kind, sentence]]) => {
    const code = scope === '' ? key : `${scope}_${key}`;
    const make = (details?: ErrorDetails, options?: ErrorOptions) => new ChatError(code, kind, sentence, details, options);
    return [key, Object.assign(make, { code, kind, sentence })];
  });
  return Object.fromEntries(factories);
}

/** Errors that belong to no feature. */
export const errors = defineErrors('', {
  VALIDATION_FAILED: ['malformed', 'The request is not valid; the details say what to correct.'],
  MALFORMED_JSON: ['malformed', 'The body is not valid JSON.'],
  UNSUPPORTED_MEDIA_TYPE: [
    'unsupported_media',
    'The body is not in a form that is taken here: send JSON, or multipart/form-data for a file, without a content coding.',
  ],
  PAYLOAD_TOO_LARGE: ['too_large', 'The payload is larger than this server accepts.'],
  CURSOR_INVALID: ['malformed', 'The cursor was not issued to you for this list; start again without one.'],
  IDEMPOTENCY_KEY_INVALID: ['malformed', 'An idempotency key has 1 to 255 printable characters.'],
  IDEMPOTENCY_KEY_CONFLICT: ['invalid', 'This idempotency key was used for another request; use a new one.'],
  IDEMPOTENCY_IN_PROGRESS: ['conflict', 'The first request with this idempotency key is still running; try again in a moment.'],
  UNAUTHENTICATED: ['unauthenticated', 'Sign in first: a valid access token is needed.'],
  PLAN_LIMIT_REACHED: ['payment_required', 'The limit of your plan is reached; remove what you no longer need, or ask for a higher limit.'],
  FORBIDDEN: ['forbidden', 'You do not have permission to do this.'],
  ORIGIN_REFUSED: ['forbidden', 'This origin is not on the allow-list of the server; its log says how to allow it.'],
  NOT_FOUND: ['not_found', 'There is nothing here.'],
  OPERATION_UNKNOWN: ['not_found', 'There is no such operation.'],
  CONFLICT: ['conflict', 'This conflicts with something that already exists.'],
  REFERENCE_INVALID: ['conflict', 'This refers to something that does not exist.'],
  RATE_LIMITED: ['rate_limited', 'Too many requests; wait a moment and try again.'],
  SERVICE_UNAVAILABLE: ['unavailable', 'The service is temporarily unavailable; try again.'],
  OVERLOADED: ['unavailable', 'The server is busy; try again in a moment.'],
  TIMEOUT: ['unavailable', 'The operation took too long; try again.'],
  INTERNAL: ['internal', 'Something went wrong on our side; try again later.'],
});

/** Whether a bounded queue of this server was full: the same call may succeed in a moment. */
export const isOverload = (error: unknown): boolean => error instanceof ChatError && error.code === errors.OVERLOADED.code;
