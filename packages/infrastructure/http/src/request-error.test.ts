import { errors } from '@coucou/domain/kernel/errors';
import { describe, expect, it } from 'vitest';
import { requestError } from './request-error.ts';

const thrown = (code: string, statusCode?: number): Error => Object.assign(new Error('internal words'), { code, statusCode });

describe('what is thrown while a request is answered', () => {
  it.each([
    ['FST_ERR_HANDLER_TIMEOUT', 503, 'TIMEOUT'],
    ['FST_ERR_CTP_BODY_TOO_LARGE', 413, 'PAYLOAD_TOO_LARGE'],
    ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 400, 'VALIDATION_FAILED'],
    ['SOME_PLUGIN', 404, 'NOT_FOUND'],
    ['ECONNRESET', 400, 'VALIDATION_FAILED'],
    ['SOME_PLUGIN', 500, 'INTERNAL'],
    ['ECONNREFUSED', undefined, 'INTERNAL'],
  ])('%s with %s is %s', (code, status, expected) => {
    const error = requestError(thrown(code, status), 1_024);
    expect(error.code).toBe(expected);
    expect(error.message).not.toContain('internal words');
  });

  it('stays itself when the product threw it', () => {
    const error = errors.FORBIDDEN();
    expect(requestError(error, 1_024)).toBe(error);
  });

  it.each([[undefined], [null], ['text'], [7]])('is INTERNAL when it is no error at all: %j', (value) => {
    expect(requestError(value, 1_024).code).toBe('INTERNAL');
  });
});
