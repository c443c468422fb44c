import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { Timing } from '@coucou/application/kernel/timing';
import type { Token } from '@coucou/application/kernel/token';
import type { TimeZone } from '@coucou/domain/kernel/time-zone';
import type { AppFeature } from '@coucou/features/feature';
import type { ProviderOptions } from '@coucou/security/identity-providers/provider';
import { LOCAL } from '@coucou/security/origins';
import { isLoopbackHost } from '@coucou/http/loopback';
import { features as ownFeatures } from './composition/features.ts';
import { ConfigError } from './config/config-error.ts';
import { type LogConfig, logOf, metricsFaults, tracingOf, type TracingConfig } from './config/observability.ts';
import { type PushConfig, pushFaults, pushOf } from './config/push.ts';
import { readSchedules } from './config/schedules.ts';
import { providerFaults, providersOf } from './config/sign-in.ts';
import { type Environment, type Reading, readSettings } from './config/read.ts';

/** What the server is configured with: checked, complete, and read once. */
export type Config = Readonly<{
  mode: 'production' | 'development' | 'test';
  host: string;
  port: number;
  /** Without a slash at its end; absent: made from where the server listens. */
  publicUrl: string | undefined;
  dataDir: string;
  database: Readonly<
    { kind: 'embedded' } | { kind: 'postgres'; url: string; ownerUrl: string; backupUrl: string; readUrl?: string | undefined }
  >;
  /** What production starts in spite of. */
  allow: Readonly<{ ownerLogin: boolean; unsafeDatabase: boolean }>;
  /** Absent: what Redis would keep is kept in the process. */
  redisUrl: string | undefined;
  /** Bytes of memory for cached answers; 0: none are cached. */
  answerCacheBytes: number;
  /** Several nodes may serve the database, which find each other by Redis. */
  multiNode: boolean;
  /** Absent: made at the first start and kept in `dataDir`. */
  secretKey: string | undefined;
  /** By which the operator calls; absent: nobody does. */
  systemKey: string | undefined;
  /** Created where the default account has no owner. */
  firstOwner: Readonly<{ email: string; password: string }> | undefined;
  accessTokenTtlSeconds: number;
  signingKeyLifetimeSeconds: number;
  /** When jobs run, where it is not when they say; and the zone of all cron expressions. */
  schedules: Readonly<{ timings: ReadonlyMap<string, Timing>; zone: TimeZone }>;
  /** What features are configured with, by their ports. */
  features: readonly Readonly<{ port: Token<unknown>; value: unknown }>[];
  socketTransports: readonly ('polling' | 'websocket')[];
  /** Bytes of one body or frame, and that may wait for one connection. */
  maxPayload: number;
  maxOutgoingBuffer: number;
  /** Bytes of one attachment, and of all of one person. */
  attachments: Readonly<{ maxBytes: number; quotaBytes: number }>;
  /** Absent: attachments are kept in `dataDir`. */
  s3:
    | Readonly<{
        endpoint: string | undefined;
        bucket: string;
        region: string;
        accessKeyId: string;
        secretAccessKey: string;
        forcePathStyle: boolean;
      }>
    | undefined;
  /** The client app of links in mails; absent: the server's own pages. */
  appUrl: string | undefined;
  /** Absent: no mail leaves this server. */
  smtp: Readonly<{ url: string; from: Readonly<{ address: string; name: string | undefined }> }> | undefined;
  /** The services that reach devices. */
  push: PushConfig;
  /** The domain that passkeys are for. */
  passkeyRpId: string;
  /** Origins of pages that may call the API, and of those that may open sockets. The entry `local`: any port of this machine, and the server's own IP address. */
  corsOrigins: readonly string[];
  socketOrigins: readonly string[];
  /** Which of the settings the latter came from. */
  socketOriginsSetting: 'CORS_ORIGINS' | 'ALLOWED_ORIGINS';
  trustProxy: readonly string[];
  /** Internal hosts that outbound calls may reach, as `host` or `host:port`. */
  outboundAllow: readonly string[];
  /** The configured identity providers. */
  identityProviders: readonly ProviderOptions[];
  /** Whether requests of this machine have the conveniences of development: demo people and signing in as one of them. */
  conveniences: boolean;
  instanceId: string;
  /** Where `/metrics` is served: on a port of its own, on the main one behind the token, or nowhere. */
  metrics: Readonly<{ port: number | undefined; token: string | undefined }>;
  log: LogConfig;
  /** Where unexpected errors are reported; absent: nowhere. */
  sentryDsn: string | undefined;
  /** Absent: nothing is traced. */
  tracing: TracingConfig | undefined;
  /** For the log, once there is one. */
  warnings: readonly string[];
}>;

export type LoadOptions = Readonly<{
  readFile?: (path: string) => string;
  /** Whether a person reads the log as it is written. */
  isTerminal?: boolean;
  /** Features whose settings are read in addition to the server's own. */
  features?: readonly AppFeature[];
}>;

/** Throws a `ConfigError` that names all faults. */
export function loadConfig(
  env: Environment,
  { readFile = (path) => readFileSync(path, 'utf8'), isTerminal = false, features = ownFeatures }: LoadOptions = {},
): Config {
  const reading = readSettings(env, readFile, features);
  const { values, featureValues, given, warnings } = reading;
  const schedules = readSchedules(values.SCHEDULES ?? '', features);
  const faults = [
    ...reading.faults,
    ...schedules.faults,
    ...databaseFaults(reading),
    ...standbyFaults(reading),
    ...secretFaults(reading),
    ...storeFaults(reading),
    ...mailFaults(reading),
    ...pushFaults(reading),
    ...firstOwnerFaults(reading),
    ...providerFaults(reading),
    ...metricsFaults(reading),
  ];
  if (faults.length > 0) throw new ConfigError(faults);

  for (const name of ['DATABASE_OWNER_URL', 'DATABASE_BACKUP_URL', 'DATABASE_READ_URL'])
    if (given.has(name) && !given.has('DATABASE_URL')) warnings.push(`${name} has no effect without DATABASE_URL`);
  const production = values.NODE_ENV === 'production';
  const ownOrigin = values.PUBLIC_URL === undefined ? [] : [new URL(values.PUBLIC_URL).origin];
  // In development a list adds to what is allowed anyway: a page on a phone does not shut out the one at the desk.
  const always = production ? ownOrigin : [LOCAL, ...ownOrigin];
  const withOwn = (origins: readonly string[] = []) => [...new Set([...always, ...origins])];
  const url = values.DATABASE_URL;
  const host = values.HOST ?? (production ? '0.0.0.0' : '127.0.0.1');
  return {
    mode: values.NODE_ENV,
    host,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL,
    dataDir: resolve(values.DATA_DIR),
    database: url === undefined ? { kind: 'embedded' } : postgresOf(url, values),
    allow: { ownerLogin: values.ALLOW_OWNER_LOGIN, unsafeDatabase: values.ALLOW_UNSAFE_DATABASE },
    redisUrl: values.REDIS_URL,
    answerCacheBytes: values.ANSWER_CACHE,
    multiNode: url !== undefined && values.REDIS_URL !== undefined,
    secretKey: values.SECRET_KEY,
    systemKey: values.SYSTEM_KEY,
    firstOwner: firstOwnerOf(reading),
    accessTokenTtlSeconds: values.ACCESS_TOKEN_TTL,
    signingKeyLifetimeSeconds: values.SIGNING_KEY_LIFETIME,
    schedules: { timings: schedules.timings, zone: values.SCHEDULES_TIME_ZONE },
    features: features.flatMap(({ settings }) =>
      settings === undefined ? [] : [{ port: settings.port, value: settings.read(featureValues) }],
    ),
    socketTransports: values.SOCKET_TRANSPORTS,
    maxPayload: values.MAX_PAYLOAD,
    maxOutgoingBuffer: values.MAX_OUTGOING_BUFFER,
    attachments: { maxBytes: values.MAX_ATTACHMENT, quotaBytes: values.ATTACHMENT_QUOTA },
    s3: storeOf(reading),
    appUrl: values.APP_URL,
    smtp: smtpOf(reading),
    push: pushOf(reading),
    passkeyRpId: values.PASSKEY_RP_ID ?? (values.PUBLIC_URL === undefined ? 'localhost' : new URL(values.PUBLIC_URL).hostname),
    corsOrigins: withOwn(values.CORS_ORIGINS),
    socketOrigins: withOwn(values.ALLOWED_ORIGINS ?? values.CORS_ORIGINS),
    socketOriginsSetting: values.ALLOWED_ORIGINS === undefined ? 'CORS_ORIGINS' : 'ALLOWED_ORIGINS',
    trustProxy: values.TRUST_PROXY,
    outboundAllow: values.OUTBOUND_ALLOW,
    identityProviders: providersOf(reading),
    conveniences: isForThisMachine(values, host),
    instanceId: values.INSTANCE_ID ?? `${hostname()}-${randomBytes(3).toString('hex')}`,
    metrics: { port: values.METRICS_PORT, token: values.METRICS_TOKEN },
    log: logOf(values, isTerminal),
    sentryDsn: values.SENTRY_DSN,
    tracing: tracingOf(values),
    warnings,
  };
}

/** In development, where only this machine reaches the server: it listens on loopback, stands behind no proxy and has no public name. */
const isForThisMachine = ({ NODE_ENV, TRUST_PROXY, PUBLIC_URL }: Reading['values'], host: string): boolean =>
  NODE_ENV !== 'production' &&
  isLoopbackHost(host) &&
  TRUST_PROXY.length === 0 &&
  (PUBLIC_URL === undefined || isLoopbackHost(new URL(PUBLIC_URL).hostname));

function postgresOf(url: string, { DATABASE_READ_URL: readUrl, ...values }: Reading['values']) {
  const { DATABASE_OWNER_URL: ownerUrl = url, DATABASE_BACKUP_URL: backupUrl = ownerUrl } = values;
  return { kind: 'postgres', url, ownerUrl, backupUrl, readUrl } as const;
}

/** The environment of a program that this process starts. */
export const childEnvironment = (more: Environment): Environment => ({ ...process.env, ...more });

/** From the environment of this process. */
export const loadProcessConfig = (): Config => loadConfig(process.env, { isTerminal: process.stdout.isTTY });

/** The embedded database is never chosen in silence where data matters. */
function databaseFaults({ values, given }: Reading): string[] {
  if (given.has('DATABASE_URL'))
    return values.EMBEDDED
      ? ['EMBEDDED=1 and DATABASE_URL contradict each other; remove EMBEDDED to use PostgreSQL, or DATABASE_URL to do without']
      : [];
  if (values.NODE_ENV !== 'production' || values.EMBEDDED) return [];
  return [
    'DATABASE_URL is missing; in production write DATABASE_URL=postgres://user:password@host:5432/coucou' +
      ' (or EMBEDDED=1 for the embedded database, which survives a killed process but not a power cut)',
  ];
}

/** A standby has the roles of its primary: another login could only have other rights. */
function standbyFaults({ values: { DATABASE_URL, DATABASE_READ_URL } }: Reading): string[] {
  if (DATABASE_URL === undefined || DATABASE_READ_URL === undefined) return [];
  const [primary, standby] = [new URL(DATABASE_URL), new URL(DATABASE_READ_URL)];
  return primary.username === standby.username && primary.pathname === standby.pathname
    ? []
    : ['DATABASE_READ_URL names another user or database than DATABASE_URL; a standby has the same ones, write those'];
}

/** A bucket is named with the key to it, or not at all. */
function storeFaults({ given }: Reading): string[] {
  const needed = ['S3_BUCKET', 'S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'] as const;
  const missing = needed.filter((name) => !given.has(name));
  if (missing.length === 0 || ![...given].some((name) => name.startsWith('S3_'))) return [];
  return [
    `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing; attachments go to a bucket when all of ${needed.join(', ')} are set, and to DATA_DIR when no S3_* setting is`,
  ];
}

function storeOf({ values }: Reading): Config['s3'] {
  const { S3_BUCKET: bucket, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = values;
  if (bucket === undefined || accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return {
    bucket,
    accessKeyId,
    secretAccessKey,
    endpoint: values.S3_ENDPOINT,
    region: values.S3_REGION,
    forcePathStyle: values.S3_FORCE_PATH_STYLE,
  };
}

/**
 * Mail servers refuse a sender whose domain does not exist, and links never lead to where a request says that it came: neither has a default
 * without a public name.
 */
function mailFaults({ values, given }: Reading): string[] {
  const { SMTP_URL, APP_URL, PUBLIC_URL, NODE_ENV } = values;
  if (SMTP_URL === undefined || PUBLIC_URL !== undefined) return [];
  const orPublic = '(or set PUBLIC_URL)';
  return [
    ...(given.has('MAIL_FROM')
      ? []
      : [`MAIL_FROM is missing; with SMTP_URL write who sends mail, such as MAIL_FROM=no-reply@chat.example.com ${orPublic}`]),
    ...(APP_URL !== undefined || NODE_ENV !== 'production'
      ? []
      : [`APP_URL is missing; with SMTP_URL write where links in mails lead, such as APP_URL=https://app.example.com ${orPublic}`]),
  ];
}

function smtpOf({ values }: Reading): Config['smtp'] {
  const { SMTP_URL: url, MAIL_FROM: from, PUBLIC_URL: publicUrl } = values;
  if (url === undefined) return undefined;
  return { url, from: from ?? { address: `no-reply@${new URL(publicUrl ?? '').hostname}`, name: undefined } };
}

function firstOwnerOf({ values }: Reading): Config['firstOwner'] {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = values;
  return email === undefined || password === undefined ? undefined : { email, password };
}

/** One without the other is a typing error, after which nobody would be there. */
function firstOwnerFaults({ given }: Reading): string[] {
  const names = ['ADMIN_EMAIL', 'ADMIN_PASSWORD'];
  const missing = names.filter((name) => !given.has(name));
  return missing.length === 1 ? [`${missing[0]} is missing; the first owner is created when both of ${names.join(' and ')} are set`] : [];
}

function secretFaults({ values, given }: Reading): string[] {
  if (given.has('SECRET_KEY') || values.NODE_ENV !== 'production' || !given.has('DATABASE_URL')) return [];
  return [
    'SECRET_KEY is missing; in production write 32 bytes or more, the same on every node, for example the output of `openssl rand -hex 32`' +
      ` (a database that was used in development goes on with the key generated there: SECRET_KEY_FILE=${join(resolve(values.DATA_DIR), 'secret-key')})`,
  ];
}
