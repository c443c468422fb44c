import type { Call } from '@coucou/application/kernel/call';
import type { AccountDirectory } from '@coucou/application/ports/accounts';
import type { AccessTokens } from '@coucou/application/ports/tokens';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { authErrors } from '@coucou/domain/auth/session';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { FastifyRequest } from 'fastify';

export type Authenticate = (request: FastifyRequest, operation: Pick<Operation, 'access' | 'answersToken'>) => Promise<Call>;

/** Maximum length of a user agent, which is stored with the session. */
const MOST_USER_AGENT = 512;

/**
 * Makes the call out of a request's headers. The account is the token's, or else the one that the client key names; a key that
 * contradicts the token is refused. So is an invalid token, also on public operations, since its bearer believes to be signed in; but
 * an expired one does not keep its bearer from getting another: clients add the header to every request, to a refresh as well.
 */
export const createAuthenticate =
  (tokens: AccessTokens, accounts: AccountDirectory): Authenticate =>
  async (request, { access, answersToken = false }) => {
    // Only where anybody may call does another token come without a valid one.
    const isRenewing = access === 'public' && answersToken;
    const token = bearerToken(request.headers.authorization);
    const verified = token === undefined ? undefined : await (isRenewing ? verifyUnlessExpired(tokens, token) : tokens.verify(token));
    const clientKey = request.headers['x-client-key']?.toString();
    const call = { requestId: request.id, client: clientOf(request), connection: request.raw.socket };
    if (verified === undefined) {
      if (access !== 'public') throw errors.UNAUTHENTICATED();
      const account = await accounts.byClientKey(clientKey ?? DEFAULT_CLIENT_KEY);
      if (account === undefined) throw errors.UNAUTHENTICATED({ header: 'X-Client-Key' });
      return { ...call, account, ...(clientKey === undefined ? {} : { namedAccount: account }) };
    }
    const { account, actor } = verified;
    if (clientKey !== undefined && (await accounts.byClientKey(clientKey)) !== account) throw errors.FORBIDDEN({ header: 'X-Client-Key' });
    return { ...call, account, namedAccount: account, actor };
  };

async function verifyUnlessExpired(tokens: AccessTokens, token: string) {
  try {
    return await tokens.verify(token);
  } catch (error) {
    if (error instanceof ChatError && error.code === authErrors.TOKEN_EXPIRED.code) return undefined;
    throw error;
  }
}

function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [, token] = /^bearer +([\w.~+/=-]+) *$/i.exec(header) ?? [];
  if (token === undefined) throw errors.UNAUTHENTICATED({ header: 'Authorization' });
  return token;
}

/**
 * Strips the IPv4-mapped prefix (`::ffff:`) that dual-stack sockets report, so that limits and logs see one form of an address. A socket
 * that was reset has none, whatever the type says.
 */
export const addressOf = ({ ip }: Readonly<{ ip: string | undefined }>): string => (ip ?? '').replace(/^::ffff:(?=\d+\.)/, '');

export const clientOf = (request: FastifyRequest): Call['client'] => ({
  ip: addressOf(request),
  userAgent: (request.headers['user-agent'] ?? '').slice(0, MOST_USER_AGENT),
});
