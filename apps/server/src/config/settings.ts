import { isIP } from 'node:net';
import { limits } from '@coucou/domain/kernel/limits';
import type { AppFeature, Setting } from '@coucou/features/feature';
import { isAllowEntry } from '@coucou/outbound/allow-list';
import { parseAddress } from '@coucou/redis/address';
import { API_KEY_PREFIX } from '@coucou/security/api-key-texts';
import { z } from 'zod';
import { mailSettings } from './mail-settings.ts';
import { pushSettings } from './push-settings.ts';
import { observabilitySettings } from './observability-settings.ts';
import { scheduleSettings } from './schedules.ts';
import { bearerToken, bearerTokenExpected, httpBase, integer, isStrongSecret, setting, settingOr, url } from './setting.ts';

const list = <T>(item: z.ZodType<T, string>) =>
  z
    .string()
    .transform((value) =>
      value
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(item));

const origin = z
  .string()
  .refine((value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))
  .transform((value) => (URL.canParse(value) ? new URL(value).origin : value));

function isAddressRange(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/');
  const bits = isIP(address) * 16 - (isIP(address) === 4 ? 32 : -32);
  return rest.length === 0 && isIP(address) !== 0 && (prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= bits));
}

const flag = z.enum(['0', '1', 'true', 'false']).transform((value) => value === '1' || value === 'true');

const seconds = (max: number, example: string) => ({
  schema: integer(1, max),
  expects: `a whole number of seconds, at most ${max}`,
  example,
});

/** Every name that the server itself reads, in the order of `.env.example`. */
export const settings = {
  HOST: setting({
    about: 'The address to listen on.',
    expects: 'an address or a host name',
    example: '127.0.0.1',
    otherwise: '127.0.0.1, in production 0.0.0.0',
    schema: z.string().regex(/^[\w.:-]+$/),
  }),
  PORT: settingOr('3000', {
    about: 'The port to listen on; 0 picks a free one, which the log line "ready" names.',
    expects: 'a port: a whole number from 0 to 65535',
    schema: integer(0, 65_535),
  }),
  PUBLIC_URL: setting({
    about: 'The base URL under which clients reach the server.',
    expects: 'an http or https address without a query',
    example: 'https://chat.example.com',
    otherwise: 'built from host and port',
    schema: httpBase,
  }),
  NODE_ENV: settingOr('development', {
    about: '"production" requires PostgreSQL and your own SECRET_KEY.',
    expects: 'production, development or test',
    schema: z.enum(['production', 'development', 'test']),
  }),
  EMBEDDED: settingOr('0', {
    about: 'Allows the embedded database in production. It survives a killed process, not a power cut.',
    expects: '1 or 0',
    schema: flag,
  }),
  DATA_DIR: settingOr('.data', {
    about: 'Directory of the embedded database, uploads and generated keys.',
    expects: 'a directory',
    schema: z.string().min(1),
  }),
  DATABASE_URL: setting({
    about: 'The PostgreSQL login that serves requests and owns no tables. Without it the server runs on an embedded database in DATA_DIR.',
    expects: 'a postgres:// URL, with a % in its password written %25',
    example: 'postgres://coucou:password@localhost:5432/coucou',
    schema: url('postgres', 'postgresql'),
    secret: true,
  }),
  DATABASE_OWNER_URL: setting({
    about: 'The login that owns the tables of the same database; for migrations only.',
    expects: 'a postgres:// URL, with a % in its password written %25',
    example: 'postgres://coucou_owner:password@localhost:5432/coucou',
    otherwise: 'DATABASE_URL',
    schema: url('postgres', 'postgresql'),
    secret: true,
  }),
  DATABASE_BACKUP_URL: setting({
    about:
      'The login that `pnpm cli backup` and `pnpm cli verify` read the same database with; it passes row-level security, so the server never uses it.',
    expects: 'a postgres:// URL, with a % in its password written %25',
    example: 'postgres://coucou_backup:password@localhost:5432/coucou',
    otherwise: 'DATABASE_OWNER_URL',
    schema: url('postgres', 'postgresql'),
    secret: true,
  }),
  DATABASE_READ_URL: setting({
    about: 'A streaming standby of the same database, which answers reads while it is level with the primary.',
    expects: 'a postgres:// URL with the user and the database of DATABASE_URL, with a % in its password written %25',
    example: 'postgres://coucou:password@standby:5432/coucou',
    otherwise: 'the primary answers everything',
    schema: url('postgres', 'postgresql'),
    secret: true,
  }),
  ALLOW_OWNER_LOGIN: settingOr('0', {
    about: 'Lets production start with a DATABASE_URL whose login owns the tables or passes row-level security.',
    expects: '1 or 0',
    schema: flag,
  }),
  ALLOW_UNSAFE_DATABASE: settingOr('0', {
    about: 'Lets production start on a database whose fsync, synchronous_commit or full_page_writes is off.',
    expects: '1 or 0',
    schema: flag,
  }),
  REDIS_URL: setting({
    about:
      'Redis, through which the nodes of one database work together; the same on all of them. They work while it is away, each for itself.',
    expects:
      'a redis:// URL of one server, redis+cluster://host:port,host:port, or redis+sentinel://host:port,host:port/name, with rediss for TLS, without options and with a % in its password written %25',
    example: 'redis://:password@localhost:6379/0',
    otherwise: 'the database has one node, which keeps in its memory what Redis would',
    schema: z.string().refine((value) => parseAddress(value) !== undefined),
    secret: true,
  }),
  ANSWER_CACHE: settingOr('33554432', {
    about: 'Memory for cached answers of reads, in bytes; 0 caches none, neither in the process nor in Redis.',
    expects: 'a whole number of bytes from 0 to 4294967296',
    schema: integer(0, 4_294_967_296),
  }),
  SECRET_KEY: setting({
    about: 'Encrypts the signing keys kept in the database; the same on every node.',
    expects: 'at least 32 random bytes, for example the output of `openssl rand -hex 32`',
    example: '',
    otherwise: 'generated at the first start and kept in DATA_DIR; required in production with DATABASE_URL',
    schema: z.string().refine(isStrongSecret),
    secret: true,
  }),
  SYSTEM_KEY: setting({
    about: 'The bearer token by which the operator makes and suspends accounts.',
    expects: bearerTokenExpected,
    example: '',
    otherwise: 'nobody makes accounts over HTTP',
    schema: bearerToken.refine((value) => !value.startsWith(API_KEY_PREFIX)),
    secret: true,
  }),
  ADMIN_EMAIL: setting({
    about: 'The address of the first owner of the default account, who is created as "admin" at a start that finds no owner.',
    expects: 'an e-mail address',
    example: 'you@example.com',
    otherwise: 'nobody is created: `pnpm cli create-admin` does it',
    schema: z.email(),
  }),
  ADMIN_PASSWORD: setting({
    about: 'Their password.',
    expects: 'a password that is hard to guess',
    example: '',
    otherwise: 'as ADMIN_EMAIL',
    schema: z.string().min(8),
    secret: true,
  }),
  ACCESS_TOKEN_TTL: settingOr('900', { about: 'Lifetime of an access token, in seconds.', ...seconds(86_400, '900') }),
  SIGNING_KEY_LIFETIME: settingOr('7776000', {
    about: 'How long a key signs access tokens before another follows it, in seconds; tokens that it signed stay good.',
    expects: 'a whole number of seconds from 86400 to 315360000',
    schema: integer(86_400, 315_360_000),
  }),
  SOCKET_TRANSPORTS: settingOr('polling,websocket', {
    about: 'Transports of Socket.IO clients; "websocket" alone needs no sticky sessions.',
    expects: 'polling, websocket, or both, comma-separated',
    schema: list(z.enum(['polling', 'websocket'])).pipe(z.array(z.enum(['polling', 'websocket'])).min(1)),
  }),
  MAX_PAYLOAD: settingOr(String(limits.payload.default), {
    about:
      'Maximum size of the body of a request and of a message on a socket, in bytes; files that are uploaded have limits of their own.',
    expects: `a whole number of bytes from ${limits.payload.min} to ${limits.payload.max}`,
    schema: integer(limits.payload.min, limits.payload.max),
  }),
  MAX_OUTGOING_BUFFER: settingOr(String(limits.outgoingBuffer.default), {
    about: 'How much may wait for one client that reads too slowly, in bytes; beyond that its connection is closed.',
    expects: `a whole number of bytes from ${limits.outgoingBuffer.min} to ${limits.outgoingBuffer.max}`,
    schema: integer(limits.outgoingBuffer.min, limits.outgoingBuffer.max),
  }),
  MAX_ATTACHMENT: settingOr('26214400', {
    about: 'Maximum size of one attachment, in bytes.',
    expects: 'a whole number of bytes from 1024 to 1073741824',
    schema: integer(1_024, 1_073_741_824),
  }),
  ATTACHMENT_QUOTA: settingOr('1073741824', {
    about: 'Maximum size of all attachments of one user, in bytes.',
    expects: 'a whole number of bytes from 1024 to 1099511627776',
    schema: integer(1_024, 1_099_511_627_776),
  }),
  S3_BUCKET: setting({
    about: 'The bucket of an S3-compatible store for attachments; clients send files to it directly.',
    expects: 'the name of a bucket',
    example: 'coucou-attachments',
    otherwise: 'attachments are kept in DATA_DIR',
    schema: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  }),
  S3_ENDPOINT: setting({
    about: 'The endpoint of the store, as this server and clients reach it.',
    expects: 'an http or https address',
    example: 'https://s3.example.com',
    otherwise: 'AWS',
    schema: url('http', 'https'),
  }),
  S3_REGION: settingOr('us-east-1', {
    about: "The store's region.",
    expects: 'the name of a region',
    schema: z.string().regex(/^[\w-]{1,64}$/),
  }),
  S3_ACCESS_KEY_ID: setting({
    about: 'The access key id for the bucket.',
    expects: 'one word',
    example: '',
    schema: z.string().regex(/^\S+$/),
  }),
  S3_SECRET_ACCESS_KEY: setting({
    about: 'The secret access key for the bucket.',
    expects: 'one word',
    example: '',
    schema: z.string().regex(/^\S+$/),
    secret: true,
  }),
  S3_FORCE_PATH_STYLE: settingOr('0', {
    about: 'Path-style addressing (the bucket in the path, not in the host name), as most self-hosted stores need it.',
    expects: '1 or 0',
    schema: flag,
  }),
  ...mailSettings,
  ...pushSettings,
  PASSKEY_RP_ID: setting({
    about: 'The domain that passkeys are for; where pages have another host than PUBLIC_URL, a domain that both are below.',
    expects: 'a domain, such as example.com',
    example: 'example.com',
    otherwise: 'the host of PUBLIC_URL, or localhost',
    schema: z.string().regex(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z][a-z0-9-]{0,62}$/),
  }),
  CORS_ORIGINS: setting({
    about: 'Origins of web pages whose scripts may call the API.',
    expects: 'comma-separated origins, each with its scheme',
    example: 'https://app.example.com,https://admin.example.com',
    otherwise: 'the origin of PUBLIC_URL; in development localhost and the address of the server as well, whatever is listed',
    schema: list(origin),
  }),
  ALLOWED_ORIGINS: setting({
    about: 'Origins of web pages that may open sockets.',
    expects: 'comma-separated origins, each with its scheme',
    example: 'https://app.example.com',
    otherwise: 'as CORS_ORIGINS',
    schema: list(origin),
  }),
  TRUST_PROXY: settingOr('', {
    about: 'Proxies whose X-Forwarded-For is trusted.',
    expects: 'comma-separated addresses or CIDR ranges, such as 10.0.0.0/8 (never "true", which anyone could abuse)',
    schema: list(z.string().refine(isAddressRange)),
  }),
  OUTBOUND_ALLOW: settingOr('', {
    about: 'Internal hosts that the server may call, such as your own identity provider; all others need HTTPS and a public address.',
    expects: 'comma-separated hosts, each with or without a port, such as keycloak.internal or 10.0.0.5:8080',
    schema: list(z.string().refine(isAllowEntry)),
  }),
  ...scheduleSettings,
  ...observabilitySettings,
} as const;

export type Settings = typeof settings;
export type SettingName = keyof Settings;

/** The server's own settings and those of its features, by name. */
export const allSettings = (features: readonly AppFeature[]): Readonly<Record<string, Setting>> =>
  Object.assign({}, settings, ...features.map((feature) => feature.settings?.names ?? {})) as Record<string, Setting>;

/** Documented names of features that this version does not have. */
const otherPatterns = [/^S3_\w+$/, /^VAPID_\w+$/];

export const belongsToAnotherFeature = (name: string): boolean => otherPatterns.some((pattern) => pattern.test(name));
