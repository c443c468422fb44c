import type { Bytes } from '@coucou/application/ports/file-store';
import { errors } from '@coucou/domain/kernel/errors';

/** Counts what passes, and fails as soon as it is too much. */
export function bounded(body: Bytes, maxBytes: number): Bytes & Readonly<{ size: () => number }> {
  let size = 0;
  return {
    size: () => size,
    async *[Symbol.asyncIterator]() {
      for await (const part of body) {
        size += part.byteLength;
        if (size > maxBytes) throw errors.PAYLOAD_TOO_LARGE({ limit: maxBytes });
        yield part;
      }
    },
  };
}
