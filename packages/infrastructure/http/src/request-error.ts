import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { asChatError } from '@coucou/application/kernel/error-body';

/** Error codes of the framework for requests that it rejects. */
type FrameworkError = Readonly<{ code?: string; statusCode?: number }>;

const invalid = (rule: string, message: string) => errors.VALIDATION_FAILED([{ path: [], rule, message }]);

/** The errors of Fastify and its plugins, by code, as errors of the product. */
const byCode: Readonly<Record<string, (maxPayload: number) => ChatError>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (limit) => errors.PAYLOAD_TOO_LARGE({ limit }),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => errors.UNSUPPORTED_MEDIA_TYPE(),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => invalid('content_length', 'The body is not as long as Content-Length says.'),
  FST_ERR_BAD_URL: () => invalid('url', 'The URL is not well-formed.'),
  FST_ERR_MAX_PARAM_LENGTH: () => invalid('url', 'A part of the path is too long.'),
  // @fastify/multipart
  FST_INVALID_MULTIPART_CONTENT_TYPE: () => errors.UNSUPPORTED_MEDIA_TYPE(),
  FST_PARTS_LIMIT: () => invalid('parts', 'The form has too many parts.'),
  FST_FILES_LIMIT: () => invalid('parts', 'The form has more than one file.'),
  FST_FIELDS_LIMIT: () => invalid('parts', 'The form has too many fields.'),
  FST_PROTO_VIOLATION: () => invalid('parts', 'The name of a form field is not allowed.'),
  FST_REQ_FILE_TOO_LARGE: () => errors.PAYLOAD_TOO_LARGE(),
  FST_ERR_HANDLER_TIMEOUT: () => errors.TIMEOUT(),
};

/** Maps anything thrown while handling a request to an error of the product; unknown errors become INTERNAL. `maxPayload`: bytes of a body. */
export function requestError(error: unknown, maxPayload: number): ChatError {
  if (error instanceof ChatError) return error;
  const { code = '', statusCode = 500 } = (error ?? {}) as FrameworkError;
  const known = byCode[code];
  if (known !== undefined) return known(maxPayload);
  if (statusCode === 404) return errors.NOT_FOUND();
  if (statusCode >= 400 && statusCode < 500) return invalid('request', 'The request is not well-formed.');
  return asChatError(error);
}
