import type { z } from 'zod';

/**
 * Who may call: anybody; signed-in people; `admin`, owners and admins of the account and API keys with the operation's scope; `system`, the
 * operator, by the system key.
 */
export type Access = 'public' | 'user' | 'admin' | 'system';
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * An operation, declared once: it is a REST route, an event on sockets, a part of OpenAPI and AsyncAPI and an SDK method.
 * The input is one object on every transport; over HTTP it is put together from path, query and body.
 */
export type Operation<In extends z.ZodType = z.ZodType, Out extends z.ZodType = z.ZodType, A extends Access = Access> = Readonly<{
  /** `feature.verb`; stable. */
  name: string;
  summary: string;
  /** `path` is under `/api/v1`, with `:name` for parameters. `existing` answers a call that found its result there already. */
  http?: Readonly<{
    method: HttpMethod;
    path: string;
    status: number;
    existing?: number;
    /** A DELETE that takes its input in the body, since a password must not be in a URL. */
    body?: true;
    /**
     * `upload`: accepts a file as `multipart/form-data` in addition to JSON; `download`: answers a file instead of JSON; `archive`: answers one
     * that is made while it is sent; `ndjson`: the same, JSON objects line by line; `lines`: accepts those, and its input in the query.
     */
    file?: 'upload' | 'download' | 'archive' | 'ndjson' | 'lines';
    /** It answers a redirect instead of JSON: a page to open, not to call. */
    redirect?: true;
    /** All of its input is in the path: whatever body comes, of whichever type, is not read. For callers who send one that is not theirs to choose. */
    ignoresBody?: true;
    /**
     * For another service that signs the bytes of its JSON: the input is that text with the header of the signature, both as they came. An absent
     * header is an empty text, and several are joined by commas.
     */
    signed?: Readonly<{
      header: string;
      bodyField: string;
      headerField: string;
      maxBytes: number;
      example: Readonly<Record<string, unknown>>;
    }>;
    /** Paths without the prefix at which it is called as well, for services that were told one. */
    also?: readonly string[];
  }>;
  /** An alias on Socket.IO and plain WebSocket, beside the operation's own name. */
  socket?: string;
  /** It answers a token or sets a cookie, which is for HTTP alone. */
  answersToken?: true;
  /**
   * What HTTP does with the cookie that holds a browser's refresh token: where the input holds none the operation `takes` it, and is then
   * guarded against forgery; or it `clears` it, since the session is over.
   */
  refreshCookie?: 'takes' | 'clears';
  access: A;
  /**
   * It takes an idempotency key: `Idempotency-Key` over HTTP, `meta.idempotencyKey` on sockets. Others ignore one. `record`: its answer is kept
   * with its effect and replayed, so it opens exactly one write, and answers no secret. `clientMessageId`: the key stands for the input's
   * `clientMessageId` where that is absent.
   */
  idempotencyKey?: 'record' | 'clientMessageId';
  /** Open to people whose account requires a verified address (`emailVerificationRequired`) before they have one: their own sign-in, and leaving. */
  whileUnproven?: true;
  /** What an API key needs to call an `admin` operation, such as `users:read`. Absent: people only. */
  scope?: string;
  /** Whose budgets a call takes from, on every transport, beside those of the transport itself: `messages`, of the person and of the conversations. */
  limit?: 'messages';
  /** Its answers are cached, and over HTTP have an entity tag: `If-None-Match` is answered 304 where nothing has changed. */
  conditional?: true;
  input: In;
  /** Absent: nothing is answered (HTTP 204, socket `{ok: true}`). */
  output?: Out;
  /** Codes in addition to those that every operation can answer (`commonErrors`). */
  errors: readonly string[];
}>;

export const operation = <In extends z.ZodType, Out extends z.ZodType, const A extends Access>(
  definition: Operation<In, Out, A>,
): Operation<In, Out, A> => definition;

/**
 * The events that call an operation on a socket, its own name first. None for those that anybody or only the operator may call, and for
 * those whose answer is a file, a token or a cookie: a socket belongs to a person.
 */
export function socketNames({ name, access, http, socket, answersToken }: Omit<Operation, 'input' | 'output'>): readonly string[] {
  if (access === 'public' || access === 'system' || answersToken === true) return [];
  if (http?.file !== undefined && http.file !== 'upload') return [];
  return socket === undefined ? [name] : [name, socket];
}

/** Errors that any operation can answer, declared once; operations list only their own. */
export const commonErrors = [
  'VALIDATION_FAILED',
  'MALFORMED_JSON',
  'UNSUPPORTED_MEDIA_TYPE',
  'PAYLOAD_TOO_LARGE',
  'RATE_LIMITED',
  'SERVICE_UNAVAILABLE',
  'OVERLOADED',
  'TIMEOUT',
  'INTERNAL',
] as const;
/** Of sessions that are bound to a key: of every call with a token, and of those that open or renew a session. */
export const boundSessionErrors = [
  'DPOP_PROOF_REQUIRED',
  'DPOP_PROOF_INVALID',
  'DPOP_NONCE_REQUIRED',
  'DPOP_PROOF_REUSED',
  'DPOP_KEY_MISMATCH',
] as const;
export const userErrors = [
  'UNAUTHENTICATED',
  'TOKEN_EXPIRED',
  'SESSION_REVOKED',
  'EMAIL_NOT_VERIFIED',
  'USER_SUSPENDED',
  'ACCOUNT_SUSPENDED',
  ...boundSessionErrors,
] as const;

/** Errors of who calls, in addition to those of any operation. */
export const accessErrors: Readonly<Record<Access, readonly string[]>> = {
  public: [],
  user: userErrors,
  admin: [...userErrors, 'FORBIDDEN'],
  system: ['UNAUTHENTICATED', 'FORBIDDEN'],
};

/** Errors of operations that take an idempotency key, by how they do, in addition to those of any operation. */
export const idempotencyErrors: Readonly<Record<NonNullable<Operation['idempotencyKey']>, readonly string[]>> = {
  record: ['IDEMPOTENCY_KEY_INVALID', 'IDEMPOTENCY_KEY_CONFLICT', 'IDEMPOTENCY_IN_PROGRESS'],
  clientMessageId: ['IDEMPOTENCY_KEY_INVALID', 'IDEMPOTENCY_KEY_CONFLICT'],
};
