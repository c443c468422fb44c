import type { Call } from '@coucou/application/kernel/call';
import type { AccountDirectory } from '@coucou/application/ports/accounts';
import type { AccessTokens } from '@coucou/application/ports/tokens';
import type { Access } from '@coucou/contracts/kernel/operation';
import { DEFAULT_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { errors } from '@coucou/domain/kernel/errors';
import type { FastifyRequest } from 'fastify';

export type Authenticate = (request: FastifyRequest, access: Access) => Promise<Call>;

/** Maximum length of a user agent, which is stored with the session. */
const MOST_USER_AGENT = 512;

/**
 * Makes the call out of a request's headers. The account is the token's, or else the one that the client key names; a key that
 * contradicts the token is refused. So is an invalid token, also on public operations, since its bearer believes to be signed in.
 */
export const createAuthenticate =
  (tokens: AccessTokens, accounts: AccountDirectory): Authenticate =>
  async (request, access) => {
    const token = bearerToken(request.headers.authorization);
    const clientKey = request.headers['x-client-key']?.toString();
    const call = { requestId: request.id, client: clientOf(request), connection: request.raw.socket };
    if (token === undefined) {
      if (access === 'user') throw errors.UNAUTHENTICATED();
      const account = await accounts.byClientKey(clientKey ?? DEFAULT_CLIENT_KEY);
      if (account === undefined) throw errors.UNAUTHENTICATED({ header: 'X-Client-Key' });
      return { ...call, account, ...(clientKey === undefined ? {} : { namedAccount: account }) };
    }
    const { account, actor } = await tokens.verify(token);
    if (clientKey !== undefined && (await accounts.byClientKey(clientKey)) !== account) throw errors.FORBIDDEN({ header: 'X-Client-Key' });
    return { ...call, account, namedAccount: account, actor };
  };

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
