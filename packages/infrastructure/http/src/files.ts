import { Readable } from 'node:stream';
import type { CallLimits } from '@coucou/application/kernel/call-limits';
import type { OpenedFile } from '@coucou/application/attachments/open-attachment';
import type { OpenedArchive } from '@coucou/application/privacy/export-data';
import type { ReceiveUpload } from '@coucou/application/attachments/receive-upload';
import type { UploadAttachment } from '@coucou/application/attachments/upload-attachment';
import { authorize } from '@coucou/application/kernel/authorize';
import type { Call, UserCall } from '@coucou/application/kernel/call';
import type { Execute } from '@coucou/application/kernel/execute';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import type { FileUrls } from '@coucou/application/ports/file-urls';
import type { FileStore } from '@coucou/application/ports/file-store';
import type { Access, Operation } from '@coucou/contracts/kernel/operation';
import { errors } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Authenticate } from './authenticate.ts';
import type { BodyTimes } from './body-watch.ts';
import { formLimits, requireLength, withForm } from './form.ts';
import { createReadInput } from './input.ts';
import { lingerAfterRefusals } from './lingering.ts';
import { answer, API_PREFIX, callOf } from './mount.ts';
import { sendArchive } from './send-archive.ts';
import { limitFiles } from './request-limits.ts';
import { sendFile } from './send-file.ts';
import { mountSignedFiles } from './signed-files.ts';

/** Use-cases that take a stream, which no schema describes; and the store that files are sent from. */
export type FileDoor = Readonly<{
  store: Pick<FileStore, 'get'>;
  /** Verifies signed URLs. */
  urls: Pick<FileUrls, 'verify'>;
  maxBytes: number;
  /** Replaces the times that bodies have. */
  times?: BodyTimes;
  /** Receives a file with the call; answers it as presented. */
  upload(input: UploadAttachment, call: UserCall): Promise<unknown>;
  /** Receives a file that was announced to this server. */
  receive(input: ReceiveUpload, call: Call): Promise<void>;
}>;

export type FileRoutes = Readonly<{
  operations: readonly ReadyOperation<Operation>[];
  execute: Execute;
  authenticate: Authenticate;
  limits?: CallLimits | undefined;
  files: FileDoor;
}>;

/** Time for the body of a request that brings a file. */
export const UPLOAD_TIMEOUT_MS = 600_000;
const defaultTimes = { bodyMs: UPLOAD_TIMEOUT_MS, silenceMs: 30_000, jsonMs: 30_000 } as const;
/** Time for the whole of a request on a file: the body has its own bound, then the file waits for its turn and is looked at. */
const HANDLER_MS = UPLOAD_TIMEOUT_MS + 300_000;
const LINES = 'application/x-ndjson';
/** What an operation that takes lines answers to the chain: it reads them, and answers what is sent. */
type ReadLines = (lines: Readable) => Promise<unknown>;

/** Time for an archive, whose client may be slow. */
const ARCHIVE_MS = 6 * 3_600_000;
/** A server that stops lets uploads go on for this long; it closes their connections at some time after that. */
const FINISH_MS = 1_000;

/** The routes of operations on files: the same chain as all others, with streams instead of JSON. */
export async function mountFiles(app: FastifyInstance, { operations, execute, authenticate, limits, files }: FileRoutes): Promise<void> {
  await app.register(multipart, { limits: formLimits, throwFileSizeLimit: false });
  lingerAfterRefusals(app);
  // As it comes: whoever reads the lines holds one of them.
  app.addContentTypeParser(LINES, (_request, lines, done) => done(null, lines));
  const stopping = new AbortController();
  app.addHook('preClose', async () => {
    setTimeout(() => stopping.abort(errors.SERVICE_UNAVAILABLE({ reason: 'stopping' })), FINISH_MS).unref();
  });
  const times = files.times ?? defaultTimes;
  const form = { maxBytes: files.maxBytes, times, stopping: stopping.signal };
  const guarded = (access: Access) => async (request: FastifyRequest) => {
    request.call = await authenticate(request, { access });
  };
  const guardedUpload = (access: Access) => async (request: FastifyRequest, reply: FastifyReply) => {
    request.call = await authenticate(request, { access });
    if (!isForm(request)) boundJson(request, reply, times.jsonMs);
  };

  for (const ready of operations) {
    const { http, input, access } = ready.operation;
    if (http?.file === undefined) continue;
    const readInput = createReadInput(http, input);
    const route = { method: http.method, url: `${API_PREFIX}${http.path}`, handlerTimeout: HANDLER_MS };
    if (http.file === 'lines') {
      const readQuery = createReadInput({ method: 'GET' }, input);
      app.route({
        ...route,
        onRequest: guarded(access),
        handler: async (request, reply) => {
          const { params, query, body: lines } = request;
          if (!(lines instanceof Readable)) throw errors.UNSUPPORTED_MEDIA_TYPE({ expected: LINES });
          const { body: read } = await execute(ready, readQuery({ params, query, body: {} }), callOf(request));
          return answer(reply, http.status, await (read as ReadLines)(lines));
        },
      });
    } else if (http.file === 'archive' || http.file === 'ndjson') {
      app.route({
        ...route,
        handlerTimeout: ARCHIVE_MS,
        onRequest: guarded(access),
        handler: async (request, reply) => {
          const { body } = await execute(ready, readInput(request), callOf(request));
          return sendArchive(request, reply, body as OpenedArchive);
        },
      });
    } else if (http.file === 'download') {
      app.route({
        ...route,
        onRequest: guarded(access),
        handler: async (request, reply) => {
          const { body } = await execute(ready, readInput(request), callOf(request));
          return sendFile(request, reply, body as OpenedFile, files.store);
        },
      });
    } else {
      app.route({
        ...route,
        onRequest: guardedUpload(access),
        handler: async (request, reply) => {
          if (!request.isMultipart()) {
            const { status, body } = await execute(ready, readInput(request), callOf(request));
            return answer(reply, status, body);
          }
          requireLength(request, files.maxBytes);
          const call = callOf(request) as UserCall;
          // As `execute` does for what goes through it; uploads are for people, whatever their role.
          authorize(ready.operation, call, undefined);
          const mostBytes = Number(request.headers['content-length'] ?? Number.MAX_SAFE_INTEGER);
          const body = await withForm(request, reply, form, ({ file, name, confirm }) =>
            files.upload({ name, mostBytes, body: file, confirm }, call),
          );
          return answer(reply, http.status, body);
        },
      });
    }
  }

  mountSignedFiles(app, { operations, execute, authenticate, files, take: limitFiles(limits), handlerMs: HANDLER_MS });

  app.route({
    method: 'POST',
    url: `${API_PREFIX}/attachments/:attachmentId/content`,
    onRequest: guardedUpload('public'),
    handlerTimeout: HANDLER_MS,
    handler: async (request, reply) => {
      const id = z
        .uuid()
        .toLowerCase()
        .safeParse((request.params as { attachmentId?: unknown }).attachmentId);
      if (!id.success) throw errors.VALIDATION_FAILED([{ path: ['attachmentId'], rule: 'invalid_format', message: 'Invalid UUID' }]);
      if (!request.isMultipart()) throw errors.UNSUPPORTED_MEDIA_TYPE({ expected: 'multipart/form-data' });
      requireLength(request, files.maxBytes);
      const call = callOf(request);
      const { authorization, 'x-client-key': clientKey } = request.headers;
      const named = authorization === undefined && clientKey === undefined ? undefined : call.account;
      await withForm(request, reply, form, ({ file, fields, cancel, confirm }) =>
        files.receive({ attachmentId: asId(id.data), grant: fields.get('grant') ?? '', named, body: file, cancel, confirm }, call),
      );
      return answer(reply, 204, undefined);
    },
  });
}

const isForm = ({ headers }: FastifyRequest): boolean => /^multipart\/form-data/i.test(headers['content-type'] ?? '');

/** The route's timeout is that of files; JSON has no longer than on any other route. */
function boundJson({ raw }: FastifyRequest, reply: FastifyReply, jsonMs: number): void {
  const timer = setTimeout(() => {
    if (!raw.complete && !reply.sent) void reply.header('connection', 'close').send(errors.TIMEOUT());
  }, jsonMs);
  raw.once('close', () => clearTimeout(timer));
}
