import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import { describe, expect, it } from 'vitest';
import { isConnectionError, isDataError, isRetryable, isUnavailable, NoSessionError, translateDatabaseError, violates } from './errors.ts';

const coded = (code: string, more = {}) => Object.assign(new Error('from the database'), { code }, more);

/** What the driver says in words alone. */
const words = [
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'timeout exceeded when trying to connect',
  'timeout expired',
];

describe('an error of the database', () => {
  it.each([
    ...words.map((message) => [message, new Error(message)] as const),
    ...['08000', '08006', '57P01', '57P02', '57P03', 'ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND'].map(
      (code) => [code, coded(code)] as const,
    ),
  ])('that says "%s" means that the database is away', (_, error) => {
    expect([isConnectionError(error), isUnavailable(error)]).toEqual([true, true]);
    expect(translateDatabaseError(error)).toMatchObject({ code: 'SERVICE_UNAVAILABLE', kind: 'unavailable', cause: error });
  });

  it.each([
    ['53000', {}],
    ['53100', { file: 'md.c' }],
    ['53200', {}],
    ['53300', {}],
    ['53400', {}],
    ['57000', {}],
    ['57P04', {}],
    ['58000', {}],
    ['58030', { file: 'fd.c' }],
    ['58P01', {}],
    ['25006', {}],
    // A file system that turned read-only, and a quota.
    ['42501', { file: 'md.c' }],
    ['XX000', { file: 'xlog.c' }],
  ])('%s %j means that the database cannot serve', (code, more) => {
    const error = coded(code, more);
    expect(isUnavailable(error)).toBe(true);
    expect(isDataError(error)).toBe(false);
    expect(translateDatabaseError(error)).toMatchObject({ code: 'SERVICE_UNAVAILABLE', kind: 'unavailable', cause: error });
  });

  it('that comes instead of a connection means the same, whatever it is', () => {
    for (const code of ['28P01', '3D000', '42501', '55000', 'EMFILE', 'ENETUNREACH', 'CERT_HAS_EXPIRED']) {
      const error = new NoSessionError(coded(code));
      expect(isConnectionError(error)).toBe(true);
      expect(translateDatabaseError(error)).toMatchObject({ code: 'SERVICE_UNAVAILABLE', cause: error });
    }
  });

  it.each([
    ['57014', 'TIMEOUT'],
    ['55P03', 'TIMEOUT'],
    ['25P03', 'TIMEOUT'],
    ['25P04', 'TIMEOUT'],
    ['40001', 'OVERLOADED'],
    ['40P01', 'OVERLOADED'],
    ['23505', 'CONFLICT'],
    ['23503', 'REFERENCE_INVALID'],
    ['22021', 'VALIDATION_FAILED'],
    ['22P05', 'VALIDATION_FAILED'],
  ])('%s becomes %s, with its cause for the log alone', (code, expected) => {
    const error = coded(code, { detail: 'Key (email)=(alice@example.com) already exists.' });
    const translated = translateDatabaseError(error) as ChatError;
    expect(isConnectionError(error)).toBe(false);
    expect(translated).toMatchObject({ code: expected, cause: error });
    expect(JSON.stringify([translated.message, translated.details])).not.toContain('alice');
  });

  it('that nobody expected stays what it is', () => {
    for (const error of [
      coded('42501', { file: 'aclchk.c' }),
      coded('XX000'),
      coded('42P01'),
      new TypeError('a fault of ours'),
      'a string',
      undefined,
    ])
      expect(translateDatabaseError(error)).toBe(error);
  });

  it('of the product itself passes through', () => {
    const refusal = errors.FORBIDDEN();
    expect(translateDatabaseError(refusal)).toBe(refusal);
  });

  it('is worth another try, or the fault of the values, or neither', () => {
    const kinds = ['40001', '40P01', '22P02', '23514', '21000', '54000', '42501'].map((code) => [
      isRetryable(coded(code)),
      isDataError(coded(code)),
    ]);
    expect(kinds).toEqual([
      [true, false],
      [true, false],
      [false, true],
      [false, true],
      [false, true],
      [false, true],
      [false, false],
    ]);
  });

  it('names the constraint that an adapter expects', () => {
    const violation = coded('23505', { constraint: 'app_user_email_key' });
    expect(violates(violation, 'app_user_email_key')).toBe(true);
    expect(violates(violation, 'app_user_username_key')).toBe(false);
    expect(violates(coded('23514', { constraint: 'app_user_email_key' }), 'app_user_email_key')).toBe(false);
  });
});
