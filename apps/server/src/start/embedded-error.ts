import { codeOf, StartError } from './start-error.ts';

/** WASI's number of ENOSPC: what the embedded database says of a full disk while it is created, with no message. */
const NO_SPACE = 51;

/** Says what to do about an embedded database that cannot be opened. */
export function explainEmbeddedError(error: unknown, directory: string): StartError {
  const { message, errno, name = 'unknown error' } = error as { message?: string; errno?: number; name?: string };
  const isFull = errno === NO_SPACE || codeOf(error) === 'ENOSPC' || /no space left on device/i.test(message ?? '');
  const what = isFull
    ? `there is no space left for the embedded database in ${directory}; make room on that disk and start again, or choose another DATA_DIR`
    : `the embedded database in ${directory} cannot be opened (${message ?? `${name} ${errno ?? ''}`.trim()}); move that directory away to start` +
      ' with an empty one, or set DATABASE_URL';
  return new StartError(what, { cause: error });
}
