import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { ArchiveEntry, Archives } from '@coucou/application/ports/archives';
import { createTarPacker } from 'modern-tar';

type Controller = ReturnType<typeof createTarPacker>['controller'];

/** Tar, compressed: unlike zip it ends without a directory of everything in it, which would grow in memory with the entries. */
export const createArchives = (): Archives => ({ extension: 'tar.gz', pack });

async function* pack(entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<Uint8Array> {
  const { readable, controller } = createTarPacker();
  const fed = feed(entries, controller);
  const gzip = createGzip();
  // Whichever end fails or stops ends the other; the error comes out of the loop below.
  const piped = pipeline(Readable.fromWeb(readable), gzip).catch(() => {});
  try {
    for await (const chunk of gzip) yield chunk as Uint8Array;
  } finally {
    gzip.destroy();
    await piped;
    await fed;
  }
}

const sized = (text: string) => {
  const bytes = Buffer.from(text);
  return { size: bytes.length, body: [bytes] };
};

/** Waits whenever the bytes are not taken as fast. Never rejects: a failure is what the readable end gets. */
async function feed(entries: AsyncIterable<ArchiveEntry>, controller: Controller): Promise<void> {
  try {
    for await (const { name, modifiedAt, content } of entries) {
      const { size, body } = typeof content === 'string' ? sized(content) : content;
      const writer = controller.add({ name, size, mtime: modifiedAt, type: 'file', mode: 0o600 }).getWriter();
      writer.closed.catch(() => {});
      for await (const chunk of body) await writer.write(chunk);
      await writer.close();
    }
    controller.finalize();
  } catch (error) {
    controller.error(error);
  }
}
