import type { Readable } from 'node:stream';
import type { OpenedFile } from '@coucou/application/attachments/open-attachment';
import type { ReceiveUpload } from '@coucou/application/attachments/receive-upload';
import type { UploadAttachment } from '@coucou/application/attachments/upload-attachment';
import type { Call, UserCall } from '@coucou/application/kernel/call';
import type { Execute } from '@coucou/application/kernel/execute';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import type { Bytes, FileStore } from '@coucou/application/ports/file-store';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import multipart, { type Multipart, type MultipartFile } from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Authenticate } from './authenticate.ts';
import { createReadInput } from './input.ts';
import { answer, API_PREFIX, callOf } from './mount.ts';
import { sendFile } from './send-file.ts';

/** Use-cases that take a stream, which no schema describes; and the store that files are sent from. */
export type FileDoor = Readonly<{
  store: Pick<FileStore, 'get'>;
  maxBytes: number;
  /** Receives a file with the call; answers it as presented. */
  upload(input: UploadAttachment, call: UserCall): Promise<unknown>;
  /** Receives a file that was announced to this server. */
  receive(input: ReceiveUpload, call: Call): Promise<void>;
}>;

export type FileRoutes = Readonly<{
  operations: readonly ReadyOperation<Operation>[];
  execute: Execute;
  authenticate: Authenticate;
  files: FileDoor;
}>;

export const UPLOAD_TIMEOUT_MS = 600_000;

/** Bytes that a form adds around its file: boundaries, headers, and the fields of a target. */
const ENVELOPE = 16_384;

/** The routes of operations on files: the same chain as all others, with streams instead of JSON. */
export async function mountFiles(app: FastifyInstance, { operations, execute, authenticate, files }: FileRoutes): Promise<void> {
  await app.register(multipart, {
    // The file store counts the size of a file, against its owner's quota.
    limits: { fileSize: Number.MAX_SAFE_INTEGER, files: 1, fields: 4, parts: 5, fieldSize: 4_096, fieldNameSize: 64, headerPairs: 20 },
    throwFileSizeLimit: false,
  });
  const guarded = (access: 'public' | 'user') => async (request: FastifyRequest) => {
    request.call = await authenticate(request, access);
  };

  for (const ready of operations) {
    const { http, input, access } = ready.operation;
    if (http?.file === undefined) continue;
    const readInput = createReadInput(http, input);
    const route = { method: http.method, url: `${API_PREFIX}${http.path}`, onRequest: guarded(access), handlerTimeout: UPLOAD_TIMEOUT_MS };
    if (http.file === 'download') {
      app.route({
        ...route,
        handler: async (request, reply) => {
          const { body } = await execute(ready, readInput(request), callOf(request));
          return sendFile(request, reply, body as OpenedFile, files.store);
        },
      });
    } else {
      app.route({
        ...route,
        handler: async (request, reply) => {
          if (!request.isMultipart()) {
            const { status, body } = await execute(ready, readInput(request), callOf(request));
            return answer(reply, status, body);
          }
          requireLength(request, files.maxBytes);
          const call = callOf(request) as UserCall;
          const mostBytes = Number(request.headers['content-length'] ?? Number.MAX_SAFE_INTEGER);
          const body = await withForm(request, reply, ({ file, name, confirm }) =>
            files.upload({ name, mostBytes, body: file, confirm }, call),
          );
          return answer(reply, http.status, body);
        },
      });
    }
  }

  app.route({
    method: 'POST',
    url: `${API_PREFIX}/attachments/:attachmentId/content`,
    onRequest: guarded('public'),
    handlerTimeout: UPLOAD_TIMEOUT_MS,
    handler: async (request, reply) => {
      const id = z
        .uuid()
        .toLowerCase()
        .safeParse((request.params as { attachmentId?: unknown }).attachmentId);
      if (!id.success) throw errors.VALIDATION_FAILED([{ path: ['attachmentId'], rule: 'invalid_format', message: 'Invalid UUID' }]);
      if (!request.isMultipart()) throw errors.UNSUPPORTED_MEDIA_TYPE({ expected: 'multipart/form-data' });
      requireLength(request, files.maxBytes);
      await withForm(request, reply, ({ file, fields, confirm }) =>
        files.receive({ attachmentId: asId(id.data), grant: fields.get('grant') ?? '', body: file, confirm }, callOf(request)),
      );
      return answer(reply, 204, undefined);
    },
  });
}

function requireLength({ headers }: FastifyRequest, maxBytes: number): void {
  const announced = Number(headers['content-length'] ?? 0);
  if (announced > maxBytes + ENVELOPE) throw errors.PAYLOAD_TOO_LARGE({ limit: maxBytes });
}

type Form = Readonly<{ file: Bytes; name: string; fields: ReadonlyMap<string, string>; confirm: () => Promise<void> }>;

const invalid = (rule: string, message: string) => errors.VALIDATION_FAILED([{ path: ['file'], rule, message }]);

/** Parses a form: fields, then one file named `file`, then the end. `confirm` checks the end. */
async function withForm<T>(request: FastifyRequest, reply: FastifyReply, work: (form: Form) => Promise<T>): Promise<T> {
  const parts = request.parts()[Symbol.asyncIterator]() as AsyncIterator<Multipart>;
  const nextPart = () => parts.next().catch((error: unknown) => Promise.reject(formFault(error, request)));
  try {
    const fields = new Map<string, string>();
    for (;;) {
      const { value: part, done } = await nextPart();
      if (done === true) throw invalid('required', 'The form has no file.');
      if (part.type === 'field') {
        fields.set(part.fieldname, String(part.value));
        continue;
      }
      if (part.fieldname !== 'file') throw invalid('name', 'The file must be in the field "file".');
      const confirm = async (): Promise<void> => {
        const { done: ended } = await nextPart();
        if (ended !== true) throw invalid('last', 'The file must be the last part of the form, and the only one.');
      };
      return await work({ file: untilCut(part, request), name: part.filename ?? '', fields, confirm });
    }
  } catch (error) {
    // Closes the connection instead of reading the rest of the body, which would delay its next request.
    if (!request.raw.complete) reply.header('connection', 'close');
    throw error;
  }
}

/** Parser errors are the client's fault: malformed or aborted; most have no code. */
function formFault(error: unknown, { raw }: FastifyRequest): unknown {
  if (error instanceof ChatError) return error;
  if (!raw.complete && raw.destroyed) return invalid('aborted', 'The upload was cut off.');
  const { code = '' } = error as { code?: string };
  return code.startsWith('FST_') ? error : invalid('form', 'The form is not well-formed.');
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
