import { type IncomingMessage, ServerResponse } from 'node:http';
import { type EngineConnection, engineLinkOf } from './engine-link.ts';
import type { Links } from './links.ts';

export type EngineRequestsOptions = Readonly<{
  /** The sessions of Engine.IO, by id. */
  sessions: () => Readonly<Record<string, EngineConnection>>;
  links: Links;
  maxPayload: number;
}>;

type EngineRequest = IncomingMessage & { readonly _query?: Readonly<Record<string, string>> };

/** What clients send by long polling, before Engine.IO reads it: refused when it is too large, and held while the client is not read from. */
export const createEngineRequests =
  ({ sessions, links, maxPayload }: EngineRequestsOptions) =>
  (request: EngineRequest, response: unknown, next: () => void): void => {
    // Upgrades have no response.
    if (!(response instanceof ServerResponse) || request.method !== 'POST') return next();
    const { sid } = request._query ?? {};
    const known = sessions();
    const conn = sid !== undefined && Object.hasOwn(known, sid) ? known[sid] : undefined;
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
