import type { IncomingMessage } from 'node:http';
import type { OriginPolicy } from '@coucou/application/ports/origin-policy';

/**
 * Whether a handshake may proceed. Only browsers send an origin, and only they are subject to cross-site attacks, so none is
 * fine. CORS alone would not do: it does not stop an upgrade.
 */
export const isOriginAllowed = (policy: OriginPolicy, { headers: { origin, host = '' } }: Pick<IncomingMessage, 'headers'>): boolean =>
  origin === undefined || policy(origin, host);

/** What a browser of another origin needs to read the answers to long polling; one of the same origin needs nothing. */
export const corsFor = (policy: OriginPolicy) => ({
  origin: (origin: string | undefined, decide: (error: null, allowed: boolean) => void) =>
    decide(null, origin !== undefined && policy(origin, '')),
  credentials: true,
});
