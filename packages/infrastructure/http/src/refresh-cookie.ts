import type { Call } from '@coucou/application/kernel/call';
import type { AccountDirectory } from '@coucou/application/ports/accounts';
import type { CsrfTokens } from '@coucou/application/ports/csrf-tokens';
import type { OriginPolicy } from '@coucou/application/ports/origin-policy';
import type { RefreshTokenOf, RefreshTokens } from '@coucou/application/ports/tokens';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { authErrors } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { cookieValues, setCookie } from './cookies.ts';

export type RefreshCookieOptions = Readonly<{
  /** Browsers reach the server over TLS: the cookie is `Secure`, and named so that no other host can set it. */
  secure: boolean;
  refreshTokens: Pick<RefreshTokens, 'open'>;
  csrfTokens: CsrfTokens;
  accounts: AccountDirectory;
  origins: OriginPolicy;
}>;

/** Whether an operation has to do with the cookie at all: most do not. */
export const concernsCookie = ({ answersToken, refreshCookie }: CookieOperation): boolean =>
  answersToken === true || refreshCookie !== undefined;

type CookieOperation = Pick<Operation, 'answersToken' | 'refreshCookie' | 'http'>;

/** The refresh token of a browser as a cookie, around every operation that opens, renews or ends a session. */
export type RefreshCookies = Readonly<{
  /** The call with the cookie's token, where the operation takes it. Throws `CSRF_FAILED` unless a page that may sent it. */
  take: (request: FastifyRequest, operation: CookieOperation, input: unknown, call: Call) => Promise<Call>;
  /** The answer of an operation that succeeded, with its refresh token in the cookie instead, where it came from there or was asked to. */
  give: (request: FastifyRequest, reply: FastifyReply, handled: Handled) => Promise<unknown>;
}>;

type Handled = Readonly<{ operation: CookieOperation; input: unknown; call: Call; body: unknown }>;
type Inputs = Readonly<{ refreshToken?: unknown; mode?: unknown }>;
/** As much of a session answer as concerns the cookie. */
type SessionAnswer = Readonly<{ refreshToken: string; refreshTokenExpiresAt: string }>;

export const CSRF_HEADER = 'x-csrf-token';

export function createRefreshCookies({ secure, refreshTokens, csrfTokens, accounts, origins }: RefreshCookieOptions): RefreshCookies {
  /** `Strict`: the page calls for it, so it is never needed where somebody follows a link from another site. */
  const cookie = (name: string, value: string, maxAge: number) => setCookie({ name, value, maxAge, secure, sameSite: 'strict' });

  /** Several accounts may be used on one origin, so each has a cookie of its own. */
  async function nameFor(account: AccountId): Promise<string> {
    const name = secure ? '__Host-coucou_refresh' : 'coucou_refresh';
    return account === (await accounts.byClientKey(DEFAULT_CLIENT_KEY)) ? name : `${name}-${account}`;
  }

  async function read({ headers }: FastifyRequest, account: AccountId): Promise<Held | undefined> {
    const name = await nameFor(account);
    const values = cookieValues(headers.cookie, name);
    const [token] = values;
    if (token === undefined) return undefined;
    // A browser holds one of this name; another was added on the way, or for a path or a domain that this server never names.
    if (values.length > 1) throw errors.UNAUTHENTICATED({ cookie: name, reason: 'it came more than once' });
    const session = refreshTokens.open(token);
    if (session === undefined) throw errors.UNAUTHENTICATED({ cookie: name, reason: 'it holds no refresh token of this server' });
    if (session.account !== account) throw errors.FORBIDDEN({ cookie: name, reason: 'account' });
    return { token, session };
  }

  /** Browsers say which page sends a request: by `Origin`, and where they leave that out by `Sec-Fetch-Site`. Others send no cookies unasked. */
  function requireTrustedPage({ headers, host }: FastifyRequest): void {
    const { origin } = headers;
    const site = headers['sec-fetch-site'];
    const isTrusted = origin === undefined ? site === undefined || site === 'same-origin' || site === 'none' : origins(origin, host);
    if (!isTrusted) throw authErrors.CSRF_FAILED({ reason: 'origin' });
  }

  function requireToken({ headers }: FastifyRequest, session: RefreshTokenOf): void {
    const given = headers[CSRF_HEADER];
    if (given === undefined) throw authErrors.CSRF_FAILED({ reason: 'missing', header: 'X-CSRF-Token' });
    if (!csrfTokens.isFor(given.toString(), session)) throw authErrors.CSRF_FAILED({ reason: 'invalid', header: 'X-CSRF-Token' });
  }

  async function set(reply: FastifyReply, { refreshToken, refreshTokenExpiresAt }: SessionAnswer): Promise<string> {
    const session = refreshTokens.open(refreshToken);
    if (session === undefined) throw errors.INTERNAL();
    const maxAge = Math.max(0, Math.floor((Date.parse(refreshTokenExpiresAt) - Date.now()) / 1_000));
    reply.header('set-cookie', cookie(await nameFor(session.account), refreshToken, maxAge));
    return csrfTokens.seal(session);
  }

  /** Not the cookie of another session, into which somebody has signed in since. */
  async function clear(request: FastifyRequest, reply: FastifyReply, { account, actor }: Call): Promise<void> {
    const name = await nameFor(account);
    const held = cookieValues(request.headers.cookie, name).map((token) => refreshTokens.open(token)?.sessionId);
    if (held.length === 0 || !held.every((sessionId) => sessionId === actor?.sessionId)) return;
    reply.header('set-cookie', cookie(name, '', 0));
  }

  return {
    async take(request, { answersToken, refreshCookie, http }, input, call) {
      const { refreshToken, mode } = input as Inputs;
      if (answersToken === true && mode === 'cookie') requireTrustedPage(request);
      if (refreshCookie !== 'takes' || refreshToken !== undefined) return call;
      const held = await read(request, call.account);
      if (held === undefined) return call;
      requireTrustedPage(request);
      if (http?.method !== 'GET') requireToken(request, held.session);
      return { ...call, refreshCookie: held.token };
    },

    async give(request, reply, { operation, input, call, body }) {
      if (operation.refreshCookie === 'clears') await clear(request, reply, call);
      const isAsked = operation.answersToken === true && (input as Inputs).mode === 'cookie';
      if ((!isAsked && call.refreshCookie === undefined) || !isSessionAnswer(body)) return body;
      const { refreshToken: _, ...rest } = body;
      return { ...rest, csrfToken: await set(reply, body) };
    },
  };
}

type Held = Readonly<{ token: string; session: RefreshTokenOf }>;

const isSessionAnswer = (body: unknown): body is SessionAnswer =>
  typeof body === 'object' && body !== null && typeof (body as Partial<SessionAnswer>).refreshToken === 'string';
