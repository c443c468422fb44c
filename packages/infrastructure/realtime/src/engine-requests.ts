import { type IncomingMessage, ServerResponse } from 'node:http';
import { type ChatError, errors } from '@coucou/domain/kernel/errors';
import { type EngineConnection, engineLinkOf } from './engine-link.ts';
import type { Links } from './links.ts';

export type EngineRequestsOptions = Readonly<{
  /** The sessions of Engine.IO, by id. */
  sessions: () => Readonly<Record<string, EngineConnection>>;
  links: Links;
  maxPayload: number;
  /** Refuses an upgrade with this error, before Engine.IO takes it. */
  refuse: (request: IncomingMessage, error: ChatError) => void;
}>;

type EngineRequest = IncomingMessage & { readonly _query?: Readonly<Record<string, string>> };

/** WebSockets that want to take over one session. A client makes one at a time; Engine.IO would hold each for ten seconds, and any number of them. */
const MOST_UPGRADES = 3;
const RETRY_SECONDS = 10;

/**
 * What clients send to a session, before Engine.IO reads it: by long polling, refused when it is too large, and held while the client is not
 * read from; and upgrades of it, refused when there are too many.
 */
export function createEngineRequests({ sessions, links, maxPayload, refuse }: EngineRequestsOptions) {
  const upgrading = new WeakMap<EngineConnection, number>();

  function takeUpgrade(request: EngineRequest, conn: EngineConnection): ChatError | undefined {
    const count = upgrading.get(conn) ?? 0;
    if (count >= MOST_UPGRADES)
      return errors.RATE_LIMITED({ policy: 'handshakes', limit: MOST_UPGRADES, retryAfterSeconds: RETRY_SECONDS });
    upgrading.set(conn, count + 1);
    request.socket.once('close', () => upgrading.set(conn, (upgrading.get(conn) ?? 1) - 1));
    return undefined;
  }

  return (request: EngineRequest, response: unknown, next: (error?: Error) => void): void => {
    const { sid } = request._query ?? {};
    const known = sessions();
    const conn = sid !== undefined && Object.hasOwn(known, sid) ? known[sid] : undefined;
    // Upgrades have no response.
    if (!(response instanceof ServerResponse)) {
      const refused = conn && takeUpgrade(request, conn);
      if (refused !== undefined) refuse(request, refused);
      return next(refused);
    }
    if (request.method !== 'POST') return next();
    const link = conn && engineLinkOf(conn);
    if (link === undefined) return next();
    const length = request.headers['content-length'];
    if (Number(length ?? 0) > (link.allowed ?? maxPayload)) {
      response.writeHead(413).end();
      return links.refuseTooLarge(link);
    }
    // Engine.IO counts what comes without a length, and answers 413 itself.
    if (length === undefined) response.once('finish', () => response.statusCode === 413 && links.refuseTooLarge(link));
    // A request that was answered or given up while it was held is over.
    const isTaken = link.whenRead(() => {
      if (!request.destroyed && !response.writableEnded) next();
    });
    if (isTaken) return;
    // Engine.IO would refuse it too, had it seen the one that is held.
    response.writeHead(400).end();
    links.refuseOverlapping(link);
  };
}
