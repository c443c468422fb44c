import type { Readable } from 'node:stream';
import type { Bytes } from '@coucou/application/ports/file-store';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { Multipart, MultipartFile } from '@fastify/multipart';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type BodyTimes, type BodyWatch, watchBody } from './body-watch.ts';

/** Limits of the parser, in bytes; what is longer is cut off by it, and refused here. */
export const formLimits = {
  // The file store counts the size of a file, against its owner's quota.
  fileSize: Number.MAX_SAFE_INTEGER,
  files: 1,
  fields: 4,
  parts: 5,
  fieldSize: 4_096,
  headerPairs: 20,
  headerSize: 16_384,
};

/** Bytes that a form may add around its file: boundaries, headers, and the fields of a target. */
const ENVELOPE = 131_072;
/** Longest name of a file, as in an announcement. */
const MOST_NAME = 1_024;

export type Form = Readonly<{
  file: Bytes;
  name: string;
  fields: ReadonlyMap<string, string>;
  /** Ends the file: reading it throws this error. */
  cancel: (error: Error) => void;
  /** Checks the end of the form, once the file has been read. */
  confirm: () => Promise<void>;
}>;

export type FormLimits = Readonly<{
  /** Bytes of the file. */
  maxBytes: number;
  times: BodyTimes;
  /** Aborted with the error to answer when the server stops. */
  stopping: AbortSignal;
}>;

const invalid = (rule: string, message: string) => errors.VALIDATION_FAILED([{ path: ['file'], rule, message }]);

/** Refuses a body that is too long by its header, before it comes. */
export function requireLength({ headers }: FastifyRequest, maxBytes: number): void {
  if (Number(headers['content-length'] ?? 0) > maxBytes + ENVELOPE) throw errors.PAYLOAD_TOO_LARGE({ limit: maxBytes });
}

/**
 * Parses a form: fields, then one file named `file`, then the end. A body without a length is held to the same limit while it
 * arrives. A client that falls silent, a body that takes too long and a server that stops end the upload with an answer.
 */
export async function withForm<T>(
  request: FastifyRequest,
  reply: FastifyReply,
  { maxBytes, times, stopping }: FormLimits,
  work: (form: Form) => Promise<T>,
): Promise<T> {
  const { raw } = request;
  let file: MultipartFile['file'] | undefined;
  const cancel = (error: Error): void => void file?.destroy(error);
  // Before the parser reads, in the same tick, so that no byte is missed.
  const body = watchBody(request, {
    mostBytes: maxBytes + ENVELOPE,
    tooLarge: () => errors.PAYLOAD_TOO_LARGE({ limit: maxBytes }),
    times,
    stopping,
  });
  body.signal.addEventListener('abort', () => cancel(body.signal.reason as Error));
  const parts = request.parts()[Symbol.asyncIterator]() as AsyncIterator<Multipart>;
  const nextPart = () => body.race(parts.next()).catch((error: unknown) => Promise.reject(formFault(error, request)));
  try {
    const fields = new Map<string, string>();
    for (;;) {
      const { value: part, done } = await nextPart();
      if (done === true) throw invalid('required', 'The form has no file.');
      requirePlain(part);
      if (part.type === 'field') {
        if (part.valueTruncated) throw errors.PAYLOAD_TOO_LARGE({ field: part.fieldname, limit: formLimits.fieldSize });
        fields.set(part.fieldname, String(part.value));
        continue;
      }
      file = part.file;
      body.fileBegins();
      if (body.signal.aborted) cancel(body.signal.reason as Error);
      if (part.fieldname !== 'file') throw invalid('name', 'The file must be in the field "file".');
      const name = decodeFileName(part.filename ?? '');
      if (name.length > MOST_NAME) throw invalid('too_big', `The name of the file must have at most ${MOST_NAME} characters.`);
      const confirm = async (): Promise<void> => {
        const { done: ended } = await nextPart();
        if (ended !== true) throw invalid('last', 'The file must be the last part of the form, and the only one.');
      };
      return await body.raceWhenComplete(work({ file: untilCut(part, request), name, fields, cancel, confirm }));
    }
  } catch (error) {
    // Closes the connection instead of reading the rest of the body, which would delay its next request.
    if (!raw.complete || stopping.aborted) reply.header('connection', 'close');
    if (!raw.complete) {
      raw.unpipe();
      file?.destroy();
    }
    throw error;
  } finally {
    release(body, raw);
  }
}

/** What follows the form is read and dropped; it is bounded as the form is. */
function release(body: BodyWatch, raw: FastifyRequest['raw']): void {
  if (raw.complete || raw.destroyed) return body.release();
  body.signal.addEventListener('abort', () => raw.destroy());
  raw.once('close', () => body.release());
}

/**
 * The name that the user's file has: browsers escape quotation marks and line breaks, and nothing else, when they write a form
 * (WHATWG HTML, multipart/form-data encoding).
 */
const decodeFileName = (name: string): string =>
  name.replaceAll(/%22|%0D|%0A/gi, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16)));

/** A part whose bytes are written in another form, which RFC 7578 (4.7) abolished: they would be stored as they are. */
function requirePlain({ encoding }: Multipart): void {
  if (!['7bit', '8bit', 'binary'].includes(encoding.trim().toLowerCase()))
    throw errors.UNSUPPORTED_MEDIA_TYPE({ header: 'Content-Transfer-Encoding', expected: 'binary' });
}

/** Parser errors are the client's fault: malformed or aborted; most have no code. */
function formFault(error: unknown, { raw }: FastifyRequest): unknown {
  if (error instanceof ChatError) return error;
  if (!raw.complete && raw.destroyed) return invalid('aborted', 'The upload was cut off.');
  const { code = '' } = error as { code?: string };
  return code.startsWith('FST_') && code !== 'FST_MP_PREMATURE_CLOSE' ? error : invalid('form', 'The form is not well-formed.');
}

/** The file's bytes; a client that disconnects ends them with an error, where the parser would wait forever. */
async function* untilCut({ file }: MultipartFile, request: FastifyRequest): Bytes {
  const { raw } = request;
  const cut = () => {
    if (!raw.complete) file.destroy(new Error('cut off'));
  };
  raw.once('close', cut);
  if (raw.destroyed) cut();
  try {
    yield* file as Readable & Bytes;
  } catch (error) {
    throw formFault(error, request);
  }
}
