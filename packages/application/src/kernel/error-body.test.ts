import { ChatError, type ErrorKind, errors } from '@coucou/domain/kernel/errors';
import { describe, expect, it } from 'vitest';
import { createErrorBody, httpStatus, retryAfterSeconds } from './error-body.ts';

const at = new Date('2026-01-15T12:00:00.000Z');
const bodyOf = (error: ChatError) => createErrorBody()(error, '/path', 'id-1', at);

describe('the body of an error', () => {
  it.each(Object.entries(httpStatus))('of kind %s (%d) says how long to wait only if waiting helps', (kind, status) => {
    const error = new ChatError('CODE', kind as ErrorKind, 'A sentence.');
    expect(bodyOf(error).details).toEqual(status === 429 || status === 503 ? { retryAfterSeconds: 1 } : {});
  });

  it('keeps the wait that the error knows, in whole seconds, beside its other details', () => {
    const error = errors.RATE_LIMITED({ limit: 3, retryAfterSeconds: 1.2 });
    expect(bodyOf(error).details).toEqual({ limit: 3, retryAfterSeconds: 2 });
    expect(retryAfterSeconds(error)).toBe(2);
    expect(retryAfterSeconds(errors.OVERLOADED({ retryAfterSeconds: 0 }))).toBe(1);
  });

  it.each([
    [undefined, '/docs/errors#USER_NOT_FOUND'],
    ['https://chat.example.com', 'https://chat.example.com/docs/errors#USER_NOT_FOUND'],
  ])('links the explanation of its code under the public address %s', (publicUrl, docs) => {
    const error = new ChatError('USER_NOT_FOUND', 'not_found', 'There is no such user.');
    expect(createErrorBody(publicUrl)(error, '/path', 'id-1', at).docs).toBe(docs);
  });

  it('leaves a list of details a list', () => {
    const faults = [{ path: ['a'], rule: 'r', message: 'm' }];
    expect(bodyOf(errors.VALIDATION_FAILED(faults)).details).toEqual(faults);
  });
});
