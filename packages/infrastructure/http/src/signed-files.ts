import type { OpenedFile } from '@coucou/application/attachments/open-attachment';
import type { Call } from '@coucou/application/kernel/call';
import type { Execute, ReadyOperation } from '@coucou/application/kernel/execute';
import type { FileStore } from '@coucou/application/ports/file-store';
import type { FileGrant, FileUrls, FileVariant } from '@coucou/application/ports/file-urls';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { attachmentErrors } from '@coucou/domain/attachments/attachment';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticate } from './authenticate.ts';
import { clientOf } from './authenticate.ts';
import { API_PREFIX, callOf } from './mount.ts';
import { sendFile } from './send-file.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the signed URL of this request says. */
    fileGrant: FileGrant | undefined;
  }
}

export type SignedFileRoutes = Readonly<{
  operations: readonly ReadyOperation<Operation>[];
  execute: Execute;
  authenticate: Authenticate;
  files: Readonly<{ store: Pick<FileStore, 'get'>; urls: Pick<FileUrls, 'verify'> }>;
  /** The limit of them; throws `RATE_LIMITED`. */
  take: (request: FastifyRequest) => Promise<void>;
  handlerMs: number;
}>;

/** The operation that a variant is opened by. */
const openedBy: Readonly<Record<FileVariant, string>> = { file: 'attachments.get', thumbnail: 'attachments.thumbnail' };

/**
 * Files by signed URL: the operation that opens the file, called on behalf of whom the URL was signed for, so that access is checked as at
 * every other download. What is wrong with a URL is decided by the URL alone, before anything is looked up: its answer says nothing of files.
 */
export function mountSignedFiles(
  app: FastifyInstance,
  { operations, execute, authenticate, files, take, handlerMs }: SignedFileRoutes,
): void {
  const byName = new Map(operations.map((ready) => [ready.operation.name, ready]));
  app.decorateRequest('fileGrant', undefined);
  app.route({
    method: 'GET',
    url: `${API_PREFIX}/files/:signed`,
    handlerTimeout: handlerMs,
    onRequest: async (request) => {
      await take(request);
      const { signed = '' } = request.params as { signed?: string };
      const grant = files.urls.verify(signed);
      if (grant === undefined) throw attachmentErrors.FILE_URL_INVALID();
      await requireSameCaller(request, grant, authenticate);
      request.fileGrant = grant;
      request.call = {
        requestId: request.id,
        client: clientOf(request),
        connection: request.raw.socket,
        account: grant.account,
        namedAccount: grant.account,
        actor: grant.actor,
      };
    },
    handler: async (request, reply) => {
      const ready = request.fileGrant && byName.get(openedBy[request.fileGrant.variant]);
      if (ready === undefined) throw attachmentErrors.FILE_URL_INVALID();
      const { body } = await execute(ready, { attachmentId: request.fileGrant?.attachmentId }, callOf(request));
      // An <img> of the app's own origin loads it, which may be another than this server's.
      reply.header('cross-origin-resource-policy', 'cross-origin');
      return sendFile(request, reply, body as OpenedFile, files.store);
    },
  });
}

/** A URL needs no header. One that says who asks must say the same person as the URL. */
async function requireSameCaller(request: FastifyRequest, { account, actor }: FileGrant, authenticate: Authenticate): Promise<void> {
  const { authorization, 'x-client-key': clientKey } = request.headers;
  if (authorization === undefined && clientKey === undefined) return;
  const caller: Call = await authenticate(request, { access: 'public' });
  const isSame = caller.account === account && (caller.actor === undefined || caller.actor.userId === actor.userId);
  if (!isSame) throw attachmentErrors.FILE_URL_INVALID();
}
