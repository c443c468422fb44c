import { describe, expect, it } from 'vitest';
import { explainEmbeddedError } from './embedded-error.ts';

describe('an embedded database that cannot be opened', () => {
  it.each([
    ['while it is created', { name: 'ErrnoError', errno: 51 }],
    ['while it recovers', new Error('could not extend file "base/1/2": No space left on device')],
    ['beside it', Object.assign(new Error('write'), { code: 'ENOSPC' })],
  ])('says that the disk is full: %s', (_, error) => {
    expect(explainEmbeddedError(error, '/data/database').message).toBe(
      'there is no space left for the embedded database in /data/database; make room on that disk and start again, or choose another DATA_DIR',
    );
  });

  it.each([
    [new Error('RuntimeError: unreachable'), 'RuntimeError: unreachable'],
    [{ name: 'ErrnoError', errno: 29 }, 'ErrnoError 29'],
  ])('says what happened: %s', (error, said) => {
    expect(explainEmbeddedError(error, '/data/database').message).toContain(`cannot be opened (${said}); move that directory away`);
  });
});
