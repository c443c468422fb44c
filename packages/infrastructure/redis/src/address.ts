import type { RedisOptions } from 'ioredis';

/** Answers have one form, whatever the address. */
export type ServerOptions = Omit<RedisOptions, 'replyMapping'>;

export type ServerPlace = Readonly<{ host: string; port: number }>;

/** One server, found by its address or by sentinels; or the masters of a cluster, found by any of its nodes. */
export type RedisAddress =
  | Readonly<{ kind: 'server'; options: ServerOptions }>
  | Readonly<{ kind: 'cluster'; nodes: readonly ServerPlace[]; options: ServerOptions }>;

/** ioredis would take any option from a query, and reads no list of servers. */
const URL_OF_REDIS =
  /^(?<tls>rediss|redis)(?:\+(?<kind>cluster|sentinel))?:\/\/(?:(?<user>[^:@/?#,]*)(?::(?<password>[^@/?#]*))?@)?(?<places>[^@/?#]+)(?:\/(?<path>[\w.-]*))?$/;
const PLACE = /^(?<host>\[[\da-fA-F:.]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?$/;
const PORTS = { server: 6379, cluster: 6379, sentinel: 26379 };

/**
 * `redis://host:port/database`, `redis+cluster://host:port,host:port`, or `redis+sentinel://host:port,host:port/name`; `rediss` for TLS. Undefined
 * where it is none of them.
 */
export function parseAddress(url: string): RedisAddress | undefined {
  const { tls, kind = 'server', user, password, places = '', path = '' } = URL_OF_REDIS.exec(url)?.groups ?? {};
  const found = places.split(',').map((text) => placeOf(text, PORTS[kind as keyof typeof PORTS]));
  const servers = found.filter((place) => place !== undefined);
  const [first] = servers;
  if (first === undefined || servers.length < found.length) return undefined;
  const credentials = credentialsOf(user, password);
  if (credentials === undefined) return undefined;
  const options = { ...credentials, ...(tls === 'rediss' && { tls: {} }) };
  if (kind === 'cluster') return path === '' ? { kind, nodes: servers, options } : undefined;
  if (kind === 'server')
    return servers.length === 1 && /^\d*$/.test(path) ? { kind, options: { ...first, ...options, db: Number(path) } } : undefined;
  if (path === '') return undefined;
  const overTls = tls === 'rediss' && { enableTLSForSentinelMode: true, sentinelTLS: {} };
  return { kind: 'server', options: { ...options, ...overTls, name: path, sentinels: servers, sentinelRetryStrategy } };
}

/** Of a URL that the configuration has accepted. */
export function addressOf(url: string): RedisAddress {
  const address = parseAddress(url);
  if (address === undefined) throw new TypeError('this is no URL of Redis');
  return address;
}

/** Where it is, without a password: for a person. */
export const placesOf = (url: string): string => url.replace(/^.*\/\/(?:[^@]*@)?/, '').replace(/\/\d*$/, '');

function placeOf(text: string, defaultPort: number): ServerPlace | undefined {
  const { host, port } = PLACE.exec(text)?.groups ?? {};
  if (host === undefined) return undefined;
  const number = port === undefined ? defaultPort : Number(port);
  return number > 0 && number < 65_536 ? { host: host.replace(/^\[|\]$/g, ''), port: number } : undefined;
}

/** Undefined where a `%` has no valid escape. */
function credentialsOf(user = '', password = ''): Pick<RedisOptions, 'username' | 'password'> | undefined {
  try {
    return {
      ...(user !== '' && { username: decodeURIComponent(user) }),
      ...(password !== '' && { password: decodeURIComponent(password) }),
    };
  } catch {
    return undefined;
  }
}

/** For as long as no sentinel answers; ioredis gives up without it. */
const sentinelRetryStrategy = (attempt: number): number => Math.min(50 * 2 ** (attempt - 1), 500);
