import type { Actor, Call, Program } from '@coucou/application/kernel/call';
import { withoutPort } from '@coucou/application/kernel/network-of';
import type { AccountDirectory } from '@coucou/application/ports/accounts';
import type { Programs } from '@coucou/application/ports/programs';
import type { Proofs } from '@coucou/application/ports/proofs';
import type { AccessTokens, Presentation } from '@coucou/application/ports/tokens';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { authErrors } from '@coucou/domain/auth/session';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { FastifyRequest } from 'fastify';
import type { BrowserCookie } from './browser-cookie.ts';

export type Authenticate = (request: FastifyRequest, operation: Pick<Operation, 'access' | 'answersToken'>) => Promise<Call>;

/** Maximum length of a user agent, which is stored with the session. */
const MOST_USER_AGENT = 512;

export type CallerPorts = Readonly<{ tokens: AccessTokens; programs: Programs; proofs: Proofs; accounts: AccountDirectory }>;

/** Who presents a token. The operator has no account of their own. */
type Caller = Readonly<{ account: AccountId | undefined; actor?: Actor; program?: Program }>;

/**
 * Makes the call out of a request's headers. The account is that of the token or API key, or else the one that the client key names; a
 * client key that contradicts the token is refused. So is an invalid token, also on public operations, since its bearer believes to be signed
 * in; but an expired one does not keep its bearer from getting another: clients add the header to every request, to a refresh as well.
 */
export const createAuthenticate =
  (ports: CallerPorts, browserCookie: BrowserCookie): Authenticate =>
  async (request, { access, answersToken = false }) => {
    const client = clientOf(request);
    const presentation = { proof: request.headers['dpop']?.toString(), ...targetOf(request), client };
    const given = tokenIn(request.headers.authorization);
    const caller = given && (await identify(ports, { ...presentation, ...given, isRenewing: access === 'public' && answersToken }));
    // What opens or renews a session decides whether it needs the proof.
    const proof = answersToken && presentation.proof !== undefined && (await ports.proofs.verify(presentation.proof, presentation));
    if (caller === undefined && access !== 'public') throw errors.UNAUTHENTICATED();
    const { account: own, ...who } = caller ?? { account: undefined };
    const clientKey = request.headers['x-client-key']?.toString();
    const named = own !== undefined && clientKey === undefined ? own : await ports.accounts.byClientKey(clientKey ?? DEFAULT_CLIENT_KEY);
    if (own !== undefined && named !== own) throw errors.FORBIDDEN({ header: 'X-Client-Key' });
    if (named === undefined) throw errors.UNAUTHENTICATED({ header: 'X-Client-Key' });
    const browser = browserCookie.read(request);
    return {
      requestId: request.id,
      client,
      connection: request.raw.socket,
      account: named,
      ...(own === undefined && clientKey === undefined ? {} : { namedAccount: named }),
      ...who,
      ...(proof !== false && { proof }),
      ...(browser !== undefined && { browser }),
    };
  };

/** The call that a proof must be for. */
const targetOf = ({ method, url }: FastifyRequest) => ({ method, path: url.split('?', 1)[0] ?? '' });

type Given = Readonly<{ scheme: NonNullable<Presentation['scheme']>; token: string }>;
type Presented = Given & Presentation & Readonly<{ /** Whether another token is what the call is for. */ isRenewing: boolean }>;

/** Undefined for an expired token, where another is what its bearer asks for. */
async function identify({ tokens, programs }: CallerPorts, { token, isRenewing, ...presentation }: Presented): Promise<Caller | undefined> {
  const program = presentation.scheme === 'bearer' ? await programs.recognise(token, presentation.client.ip) : undefined;
  if (program !== undefined) return program;
  try {
    const { account, actor } = await tokens.verify(token, presentation);
    return { account, actor };
  } catch (error) {
    if (isRenewing && error instanceof ChatError && error.code === authErrors.TOKEN_EXPIRED.code) return undefined;
    throw error;
  }
}

function tokenIn(header: string | undefined): Given | undefined {
  if (header === undefined) return undefined;
  const [, scheme = '', token] = /^(bearer|dpop) +([\w.~+/=-]+) *$/i.exec(header) ?? [];
  if (token === undefined) throw errors.UNAUTHENTICATED({ header: 'Authorization' });
  return { scheme: scheme.toLowerCase() as Given['scheme'], token };
}

/**
 * Strips the IPv4-mapped prefix (`::ffff:`) that dual-stack sockets report, and the port that some proxies forward, so that limits and logs see one form of an address. A socket
 * that was reset has none, whatever the type says.
 */
export const addressOf = ({ ip }: Readonly<{ ip: string | undefined }>): string => withoutPort(ip ?? '').replace(/^::ffff:(?=\d+\.)/, '');

export const clientOf = (request: FastifyRequest): Call['client'] => ({
  ip: addressOf(request),
  userAgent: (request.headers['user-agent'] ?? '').slice(0, MOST_USER_AGENT),
});
