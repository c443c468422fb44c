import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { type Adapter, type AdapterPayload, Provider } from 'oidc-provider';

/** Who is signed in at the issuer, in the browser that comes. */
export type IssuerPerson = Readonly<{ sub: string; email?: string; email_verified?: unknown; name?: string; preferred_username?: string }>;

type Claims = JWTPayload & Record<string, unknown>;

export type Issuer = Readonly<{
  url: string;
  clientId: string;
  clientSecret: string;
  /** The settings of a server that lets people sign in here, under this provider's name. */
  environment(provider: string): Record<string, string>;
  /** Whoever comes next is this person; undefined: they refuse. */
  person: { now: IssuerPerson | undefined };
  /** What becomes of ID tokens on their way out, by the claims; answers the token. Reset with `undefined`. */
  twist: { now: ((claims: Claims, sign: Sign) => Promise<string> | string) | undefined };
  /** What becomes of the answer of the authorization endpoint: its query. */
  answer: { now: ((query: URLSearchParams) => void) | undefined };
  /** Paths that were asked for. */
  asked: string[];
  /** A token of this issuer for anything. */
  sign: Sign;
  close(): Promise<void>;
}>;

export type Sign = (claims: Claims, options?: Readonly<{ key?: CryptoKey; kid?: string; alg?: string }>) => Promise<string>;

const KID = 'issuer-key';

/** A real OpenID provider in this process, on a free port of loopback. People are who the test says, and agree at once. */
export async function startIssuer({ host = '127.0.0.1' }: Readonly<{ host?: string }> = {}): Promise<Issuer> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(privateKey)), kid: KID, alg: 'RS256', use: 'sig' };
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  const [clientId, clientSecret] = ['coucou', 'a-secret-of-the-client:not-kept'];
  const person: Issuer['person'] = { now: undefined };
  const twist: Issuer['twist'] = { now: undefined };
  const answer: Issuer['answer'] = { now: undefined };
  const asked: string[] = [];
  const kept = new Map<string, AdapterPayload>();

  const provider = new Provider(url, {
    adapter: (model) => memory(model, kept),
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: ['http://127.0.0.1/any'],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    jwks: { keys: [jwk] },
    cookies: { keys: ['the tests keep no secrets'] },
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_context, sub) => ({ accountId: sub, claims: () => ({ ...people.get(sub), sub }) }),
    async loadExistingGrant(context) {
      const { client, session, params } = context.oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const grant = new context.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope(String(params?.['scope']));
      await grant.save();
      return grant;
    },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    ttl: { Session: 600, Grant: 600, Interaction: 600, AccessToken: 600, IdToken: 600 },
  });
  const people = new Map<string, IssuerPerson>();
  // Servers of tests listen on free ports, which no registration knows.
  const { Client } = provider;
  (Client.prototype as { redirectUriAllowed(uri: string): boolean }).redirectUriAllowed = (uri) =>
    new URL(uri).pathname.endsWith('/callback');

  const sign: Sign = (claims, { key = privateKey, kid = KID, alg = 'RS256' } = {}) =>
    new SignJWT(claims).setProtectedHeader({ alg, kid }).sign(key);

  provider.use(async (context, next) => {
    asked.push(context.path);
    if (context.path.startsWith('/interaction/')) {
      const { now } = person;
      if (now !== undefined) people.set(now.sub, now);
      const result =
        now === undefined ? { error: 'access_denied', error_description: 'no' } : { login: { accountId: now.sub, remember: false } };
      context.status = 303;
      context.redirect(await provider.interactionResult(context.req, context.res, result, { mergeWithLastSubmission: false }));
      return;
    }
    await next();
    const body = context.body as { id_token?: string } | undefined;
    if (context.path === '/token' && body?.id_token !== undefined && twist.now !== undefined) {
      const claims = JSON.parse(Buffer.from(body.id_token.split('.')[1] ?? '', 'base64url').toString()) as Claims;
      context.body = { ...body, id_token: await twist.now(claims, sign) };
    }
    const location = context.response.get('location') ?? '';
    if (location.includes('/callback?') && answer.now !== undefined) {
      const target = new URL(location);
      answer.now(target.searchParams);
      context.set('location', target.href);
    }
  });
  const handle = provider.callback();
  server.on('request', (request, response) => void handle(request, response));

  return {
    url,
    clientId,
    clientSecret,
    environment: (name) => ({
      [`OAUTH_${name}_ISSUER`]: url,
      [`OAUTH_${name}_CLIENT_ID`]: clientId,
      [`OAUTH_${name}_CLIENT_SECRET`]: clientSecret,
    }),
    person,
    twist,
    answer,
    asked,
    sign,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What the issuer keeps, for as long as it runs. */
function memory(model: string, kept: Map<string, AdapterPayload>): Adapter {
  const key = (id: string) => `${model}:${id}`;
  const findBy = async (matches: (payload: AdapterPayload) => boolean) =>
    [...kept].find(([name, payload]) => name.startsWith(`${model}:`) && matches(payload))?.[1];
  return {
    upsert: async (id, payload) => void kept.set(key(id), payload),
    find: async (id) => kept.get(key(id)),
    findByUid: (uid) => findBy((payload) => payload.uid === uid),
    findByUserCode: (code) => findBy((payload) => payload.userCode === code),
    destroy: async (id) => void kept.delete(key(id)),
    async consume(id) {
      const payload = kept.get(key(id));
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1_000);
    },
    async revokeByGrantId(grantId) {
      for (const [name, payload] of kept) if (payload.grantId === grantId) kept.delete(name);
    },
  };
}
