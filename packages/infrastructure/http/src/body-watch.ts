import { errors } from '@coucou/domain/kernel/errors';
import type { ChatError } from '@coucou/domain/kernel/errors';
import type { FastifyRequest } from 'fastify';

export type BodyTimes = Readonly<{
  /** For the body of a request that brings a file. */
  bodyMs: number;
  /** A client that sends no byte for this long has lost its connection, or holds a place on purpose. */
  silenceMs: number;
  /** For JSON on a route that also takes forms, and for what comes before the file of a form. */
  jsonMs: number;
}>;

export type BodyWatchOptions = Readonly<{
  /** Bytes of the whole body. */
  mostBytes: number;
  tooLarge: () => ChatError;
  times: BodyTimes;
  /** Aborted with the error to answer when the server stops. */
  stopping: AbortSignal;
}>;

export type BodyWatch = Readonly<{
  /** Aborted, with the error to answer, when the body may not go on. */
  signal: AbortSignal;
  /** The promise, or the error that ended the body before. */
  race<T>(promise: Promise<T>): Promise<T>;
  /** The same once the body has arrived; until then who reads it ends by itself, and cleans up before the answer. */
  raceWhenComplete<T>(promise: Promise<T>): Promise<T>;
  /** The file of the form begins: it has the time of the whole body. */
  fileBegins(): void;
  release(): void;
}>;

/**
 * Watches the body of a request as it arrives: its length, which only some requests announce, the silence of its sender, the time
 * that the route has, and the end of the server. A sender that waits for this server is not silent.
 */
export function watchBody({ raw }: FastifyRequest, { mostBytes, tooLarge, times, stopping }: BodyWatchOptions): BodyWatch {
  const ended = new AbortController();
  const fail = (error: Error): void => ended.abort(error);
  let received = 0;
  const onData = (part: Buffer): void => {
    received += part.byteLength;
    silence.refresh();
    if (received > mostBytes) fail(tooLarge());
  };
  const silence = setTimeout(() => {
    if (raw.complete) return;
    if (raw.isPaused()) silence.refresh();
    else fail(errors.TIMEOUT({ reason: 'silence', seconds: times.silenceMs / 1_000 }));
  }, times.silenceMs);
  const onStop = (): void => fail(stopping.reason as Error);
  const deadline = setTimeout(() => {
    if (!raw.complete) fail(errors.TIMEOUT({ reason: 'slow', seconds: times.bodyMs / 1_000 }));
  }, times.bodyMs);
  const beforeFile = setTimeout(() => fail(errors.TIMEOUT({ reason: 'slow', seconds: times.jsonMs / 1_000 })), times.jsonMs);
  raw.on('data', onData);
  stopping.addEventListener('abort', onStop);
  if (stopping.aborted) onStop();

  const { promise: failure, reject } = Promise.withResolvers<never>();
  failure.catch(() => {});
  ended.signal.addEventListener('abort', () => reject(ended.signal.reason));
  if (ended.signal.aborted) reject(ended.signal.reason);
  return {
    signal: ended.signal,
    race: (promise) => Promise.race([promise, failure]),
    async raceWhenComplete(promise) {
      const whenComplete = failure.catch((error: unknown) => (raw.complete ? Promise.reject(error) : promise));
      return Promise.race([promise, whenComplete]);
    },
    fileBegins: () => clearTimeout(beforeFile),
    release() {
      clearTimeout(beforeFile);
      clearTimeout(silence);
      clearTimeout(deadline);
      raw.off('data', onData);
      stopping.removeEventListener('abort', onStop);
    },
  };
}
