import { type AllowList, createAllowList } from './allow-list.ts';
import { exchange, type Received } from './exchange.ts';
import { OutboundError } from './outbound-error.ts';
import { requirePublicLiteral, type Resolve, systemResolve } from './resolve.ts';

export type OutboundRequest = Readonly<{
  method?: string;
  headers?: ConstructorParameters<typeof Headers>[0];
  body?: string | Uint8Array | URLSearchParams | null;
  /** `manual` answers a redirect instead of following it, which is also what becomes of one that answers another method than GET or HEAD. */
  redirect?: 'follow' | 'manual';
  signal?: AbortSignal;
}>;

/** `fetch` for calls to places that others name. The answer has arrived as a whole; throws an `OutboundError` when there is none. */
export type Outbound = (url: string | URL, request?: OutboundRequest) => Promise<Response>;

export type OutboundOptions = Readonly<{
  /** Internal hosts of the operator, as `host` or `host:port`: their addresses need not be public, and their scheme may be `http`. */
  allow: readonly string[];
  resolve?: Resolve;
  /** For the whole call: every hop, and the body of the answer. */
  timeoutMs?: number;
  /** Of the body of an answer. */
  maxBytes?: number;
  /** Redirects that are followed. */
  maxRedirects?: number;
}>;

const DEFAULTS = { timeoutMs: 10_000, maxBytes: 1_048_576, maxRedirects: 3 } as const;
const redirects = new Set([301, 302, 303, 307, 308]);
/** What is meant for one origin only. */
const credentials = ['authorization', 'cookie', 'proxy-authorization'];

/**
 * The one way out of this server: whatever calls an address that is not the operator's own calls it by this.
 * @public
 */
export function createOutbound({ allow, resolve = systemResolve, ...options }: OutboundOptions): Outbound {
  const isAllowed = createAllowList(allow);
  const { timeoutMs, maxBytes, maxRedirects } = { ...DEFAULTS, ...options };

  return async (address, { method: given = 'GET', headers: added, body, redirect = 'follow', signal } = {}) => {
    const method = given.toUpperCase();
    const headers = new Headers(added);
    const timeout = AbortSignal.timeout(timeoutMs);
    const ending = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    let url = read(String(address));
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const allowed = isAllowed(url);
      if (!allowed) requireSafe(url);
      const received = await exchange(url, {
        method,
        headers,
        body: bytesOf(body, headers),
        resolve,
        allowed,
        signal: ending,
        maxBytes,
      }).catch((error: unknown) => {
        throw explain(error, url, { timeout, signal, timeoutMs });
      });
      const location = redirects.has(received.status) ? received.headers.get('location') : null;
      if (location === null || redirect === 'manual' || !['GET', 'HEAD'].includes(method)) return answer(received, url);
      const next = read(location, url);
      if (next.origin !== url.origin) for (const name of credentials) headers.delete(name);
      url = next;
    }
    throw new OutboundError('too_many_redirects', `${url.host} redirects more than ${maxRedirects} times`);
  };
}

/** Whether a call to this address would be made, as far as that can be told without looking its name up. */
export function isCallable(address: string, isAllowed: AllowList): boolean {
  try {
    const url = read(address);
    if (!isAllowed(url)) requireSafe(url);
    return true;
  } catch (error) {
    if (error instanceof OutboundError) return false;
    throw error;
  }
}

function read(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) throw new OutboundError('refused', 'the address of the call is no URL');
  if (url.username !== '' || url.password !== '') throw new OutboundError('refused', `the URL of ${url.host} holds a user or a password`);
  if (!/^https?:$/.test(url.protocol)) throw new OutboundError('refused', `${url.protocol} is no scheme that is called; use https:`);
  return url;
}

/** For hosts that are not the operator's own. */
function requireSafe(url: URL): void {
  if (url.protocol !== 'https:')
    throw new OutboundError(
      'refused',
      `${url.host} is refused without HTTPS; if it is an internal host of yours, add it to OUTBOUND_ALLOW`,
    );
  requirePublicLiteral(url);
}

function bytesOf(body: OutboundRequest['body'], headers: Headers): string | Uint8Array | undefined {
  if (!(body instanceof URLSearchParams)) return body ?? undefined;
  if (!headers.has('content-type')) headers.set('content-type', 'application/x-www-form-urlencoded;charset=UTF-8');
  return body.toString();
}

type Ending = Readonly<{ timeout: AbortSignal; signal: AbortSignal | undefined; timeoutMs: number }>;

function explain(error: unknown, { host }: URL, { timeout, signal, timeoutMs }: Ending): unknown {
  if (error instanceof OutboundError) return error;
  // The caller's own reason to give up is the caller's to know.
  if (signal?.aborted === true) return signal.reason;
  if (timeout.aborted) return new OutboundError('timeout', `${host} has not answered within ${timeoutMs} ms`);
  return new OutboundError('unreachable', `${host} cannot be reached`, { cause: error });
}

/** Statuses whose answers have no body. */
const bodyless = new Set([204, 205, 304]);

function answer({ status, headers, body }: Received, url: URL): Response {
  if (status < 200 || status > 599) throw new OutboundError('not_http', `${url.host} answers with the status ${status}`);
  return new Response(bodyless.has(status) ? null : body, { status, headers });
}
