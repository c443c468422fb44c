import type { z } from 'zod';

export type Access = 'public' | 'user';
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * An operation, declared once: it is a REST route, a socket event, a part of OpenAPI and AsyncAPI and an SDK method.
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
    /** `upload`: accepts a file as `multipart/form-data` in addition to JSON; `download`: answers a file instead of JSON. */
    file?: 'upload' | 'download';
  }>;
  /** The event's name on Socket.IO and plain WebSocket. */
  socket?: string;
  access: A;
  input: In;
  /** Absent: nothing is answered (HTTP 204, socket `{ok: true}`). */
  output?: Out;
  /** Codes in addition to those that every operation can answer (`commonErrors`). */
  errors: readonly string[];
}>;

export const operation = <In extends z.ZodType, Out extends z.ZodType, const A extends Access>(
  definition: Operation<In, Out, A>,
): Operation<In, Out, A> => definition;

/** Errors that any operation can answer, declared once; operations list only their own. */
export const commonErrors = [
  'VALIDATION_FAILED',
  'MALFORMED_JSON',
  'UNSUPPORTED_MEDIA_TYPE',
  'PAYLOAD_TOO_LARGE',
  'SERVICE_UNAVAILABLE',
  'OVERLOADED',
  'TIMEOUT',
  'INTERNAL',
] as const;
export const userErrors = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'SESSION_REVOKED'] as const;
