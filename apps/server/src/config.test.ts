import { readFileSync } from 'node:fs';
import { SessionSettings } from '@coucou/application/auth/session-settings';
import { MessageSettings } from '@coucou/application/messages/message-settings';
import { describe, expect, it } from 'vitest';
import { features } from './composition/features.ts';
import { loadConfig } from './config.ts';
import { ConfigError } from './config/config-error.ts';
import { environmentExample } from './config/example.ts';
import { allSettings } from './config/settings.ts';
import { exampleProviderSettings } from './config/sign-in.ts';

const SECRET = 'a3f5c9e1b7d2480f96ae31c5d7e8f012';
const postgres = { DATABASE_URL: 'postgres://coucou:hunter2@db:5432/coucou' };

function faultsOf(env: Record<string, string>, files: Record<string, string> = {}): readonly string[] {
  try {
    loadConfig(env, { readFile: reader(files) });
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

const reader = (files: Record<string, string>) => (path: string) => {
  const text = files[path];
  if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
  return text;
};

describe('the configuration', () => {
  it('reads what features are configured with', () => {
    const valueOf = (env: Record<string, string>, port: symbol) => loadConfig(env).features.find((each) => each.port === port)?.value;
    expect(valueOf({}, SessionSettings)).toMatchObject({ refreshTokenTtlSeconds: 604_800 });
    expect(valueOf({ EDIT_WINDOW: '60' }, MessageSettings)).toMatchObject({ editWindowSeconds: 60, deleteWindowSeconds: undefined });
    expect(faultsOf({ EDIT_WINDOW: 'soon' })).toEqual([
      expect.stringMatching(/^EDIT_WINDOW is "soon", but must be off, or a whole number/),
    ]);
  });

  it('needs nothing: embedded, on this machine only', () => {
    expect(loadConfig({})).toMatchObject({
      mode: 'development',
      host: '127.0.0.1',
      port: 3000,
      publicUrl: undefined,
      database: { kind: 'embedded' },
      secretKey: undefined,
      accessTokenTtlSeconds: 900,
      socketTransports: ['polling', 'websocket'],
      corsOrigins: ['local'],
      socketOrigins: ['local'],
      trustProxy: [],
      log: { level: 'info', format: 'json' },
      warnings: [],
    });
  });

  it('reads what is given', () => {
    const config = loadConfig({
      ...postgres,
      NODE_ENV: 'production',
      SECRET_KEY: SECRET,
      PUBLIC_URL: 'https://chat.example.com/',
      PORT: '0',
      SOCKET_TRANSPORTS: 'websocket',
      CORS_ORIGINS: 'https://app.example.com/, http://localhost:5173',
      TRUST_PROXY: '10.0.0.0/8, fd00::/8,127.0.0.1',
      INSTANCE_ID: 'node-1',
    });
    expect(config).toMatchObject({
      mode: 'production',
      host: '0.0.0.0',
      port: 0,
      publicUrl: 'https://chat.example.com',
      database: { kind: 'postgres', url: postgres.DATABASE_URL, ownerUrl: postgres.DATABASE_URL },
      secretKey: SECRET,
      socketTransports: ['websocket'],
      corsOrigins: ['https://chat.example.com', 'https://app.example.com', 'http://localhost:5173'],
      socketOrigins: ['https://chat.example.com', 'https://app.example.com', 'http://localhost:5173'],
      trustProxy: ['10.0.0.0/8', 'fd00::/8', '127.0.0.1'],
      instanceId: 'node-1',
    });
  });

  it('writes for people on a terminal', () => {
    expect(loadConfig({}, { isTerminal: true }).log.format).toBe('pretty');
    expect(loadConfig({ LOG_FORMAT: 'json' }, { isTerminal: true }).log.format).toBe('json');
  });

  it('names all faults at once, with what to write', () => {
    const faults = faultsOf({
      PORT: 'http',
      PUBLIC_URL: 'chat.example.com',
      LOG_LEVEL: 'loud',
      NODE_ENV: 'production',
      ACCESS_TOKEN_TTL: '0',
    });
    expect(faults).toHaveLength(5);
    expect(faults[0]).toBe('PORT is "http", but must be a port: a whole number from 0 to 65535; for example PORT=3000');
    for (const name of ['PUBLIC_URL', 'LOG_LEVEL', 'ACCESS_TOKEN_TTL', 'DATABASE_URL'])
      expect(faults.some((fault) => fault.startsWith(name))).toBe(true);
    expect(() => loadConfig({ PORT: 'a', LOG_LEVEL: 'b' })).toThrow(/2 errors:\n {2}- PORT .+\n {2}- LOG_LEVEL /);
  });

  it.each([
    { PORT: '65536' },
    { PORT: '-1' },
    { PORT: '3000.5' },
    { TRUST_PROXY: 'true' },
    { TRUST_PROXY: '1' },
    { TRUST_PROXY: '10.0.0.0/33' },
    { TRUST_PROXY: 'fd00::/129' },
    { SOCKET_TRANSPORTS: 'webtransport' },
    { SOCKET_TRANSPORTS: ',' },
    { CORS_ORIGINS: 'app.example.com' },
    { ALLOWED_ORIGINS: '*' },
    { PUBLIC_URL: 'https://chat.example.com/?a=b' },
    { DATABASE_URL: 'mysql://localhost/coucou' },
    { DATABASE_URL: 'postgres://coucou:100%@localhost/coucou' },
    { NODE_ENV: 'staging' },
    { EMBEDDED: 'yes' },
    { HOST: 'not a host' },
  ])('refuses %j', (env) => {
    const [fault, ...others] = faultsOf(env);
    expect(fault).toMatch(new RegExp(`^${Object.keys(env)[0]} `));
    expect(others).toEqual([]);
  });

  it('quotes no secret', () => {
    const faults = faultsOf({ DATABASE_URL: 'hunter2', DATABASE_OWNER_URL: 'hunter2', REDIS_URL: 'hunter2', SECRET_KEY: 'hunter2' });
    expect(faults).toHaveLength(4);
    expect(faults.join()).not.toContain('hunter2');
  });
});

describe('files', () => {
  it('hold any value, without the line end', () => {
    const config = loadConfig(
      { SECRET_KEY_FILE: '/run/secrets/key', PORT_FILE: '/port' },
      { readFile: reader({ '/run/secrets/key': `${SECRET}\n`, '/port': '81\r\n' }) },
    );
    expect(config).toMatchObject({ secretKey: SECRET, port: 81 });
  });

  it('are a fault when they cannot be read, are empty, or contradict the name itself', () => {
    const faults = faultsOf(
      { SECRET_KEY_FILE: '/none', PORT: '80', PORT_FILE: '/port', HOST_FILE: '/empty' },
      { '/port': '81', '/empty': '\n' },
    );
    expect(faults).toEqual([
      expect.stringMatching(/^HOST_FILE names \/empty, which is empty/),
      expect.stringMatching(/^PORT and PORT_FILE are both set/),
      expect.stringMatching(/^SECRET_KEY_FILE names \/none, which cannot be read \(ENOENT\)/),
    ]);
  });

  it('that cannot be read count as given, so that no second fault asks for the value', () => {
    expect(faultsOf({ NODE_ENV: 'production', DATABASE_URL_FILE: '/none', SECRET_KEY: SECRET })).toHaveLength(1);
  });
});

describe('production', () => {
  const production = { NODE_ENV: 'production' };

  it('asks for a database, and says how to correct it', () => {
    expect(faultsOf(production)).toEqual([expect.stringMatching(/DATABASE_URL=postgres:.+EMBEDDED=1/)]);
  });

  it('takes the embedded database when told to', () => {
    expect(loadConfig({ ...production, EMBEDDED: '1' })).toMatchObject({
      database: { kind: 'embedded' },
      secretKey: undefined,
      host: '0.0.0.0',
    });
  });

  it('asks for a strong secret', () => {
    const faults = faultsOf({ ...production, ...postgres, DATA_DIR: '/srv/chat' });
    expect(faults).toEqual([expect.stringMatching(/^SECRET_KEY is missing.+SECRET_KEY_FILE=\/srv\/chat\/secret-key/)]);
    expect(faultsOf({ ...production, ...postgres, SECRET_KEY: 'too short' })).toEqual([
      expect.stringMatching(/^SECRET_KEY must be at least 32 random bytes/),
    ]);
    expect(faultsOf({ ...production, ...postgres, SECRET_KEY: 'a'.repeat(64) })).toEqual([
      expect.stringMatching(/^SECRET_KEY must be at least 32 random bytes/),
    ]);
    expect(faultsOf({ ...production, ...postgres, SECRET_KEY: SECRET })).toEqual([]);
  });

  it('is not asked for while developing on PostgreSQL', () => {
    expect(loadConfig(postgres)).toMatchObject({ database: { kind: 'postgres' }, secretKey: undefined });
  });

  it('knows one database', () => {
    expect(faultsOf({ ...postgres, EMBEDDED: '1' })).toEqual([expect.stringMatching(/^EMBEDDED=1 and DATABASE_URL contradict/)]);
  });
});

describe('warnings', () => {
  it('suggest the name that was meant', () => {
    expect(loadConfig({ DATABSE_URL: 'x', SECRET_KY_FILE: 'x', PORTS: '1' }).warnings).toEqual([
      'DATABSE_URL is not a known setting; did you mean DATABASE_URL?',
      'SECRET_KY_FILE is not a known setting; did you mean SECRET_KEY?',
      'PORTS is not a known setting; did you mean PORT?',
    ]);
  });

  it('leave alone what belongs to others', () => {
    expect(
      loadConfig({ HOME: '/root', PATH: '/bin', API_URL: 'x', TERM: 'xterm', SHELL: 'sh', npm_config_port: '1', HOSTNAME: 'h', PWD: '/' })
        .warnings,
    ).toEqual([]);
  });

  it('say which known names have no effect', () => {
    expect(loadConfig({ VAPID_SUBJECT: 'b', S3_ACL_FILE: 'g' }).warnings).toEqual([
      'S3_ACL_FILE, VAPID_SUBJECT belong to features that are not in this version, and have no effect',
    ]);
  });
});

describe('where errors are reported', () => {
  it('is the project of a DSN', () => {
    expect(loadConfig({}).sentryDsn).toBeUndefined();
    expect(loadConfig({ SENTRY_DSN: 'https://abc123@o1.ingest.sentry.io/42' }).sentryDsn).toBe('https://abc123@o1.ingest.sentry.io/42');
  });

  it.each(['abc123', 'https://o1.ingest.sentry.io/42', 'https://abc123@o1.ingest.sentry.io', 'https://abc123@host/42?x=1'])(
    'is none of %s, which is not repeated',
    (SENTRY_DSN) => {
      expect(() => loadConfig({ SENTRY_DSN })).toThrow(/SENTRY_DSN must be the DSN of a project: https:/);
    },
  );
});

describe('where attachments are kept', () => {
  const key = { S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'hunter2' };

  it('is the data directory without a bucket, with the limits of one file and of one person', () => {
    expect(loadConfig({})).toMatchObject({ s3: undefined, attachments: { maxBytes: 26_214_400, quotaBytes: 1_073_741_824 } });
  });

  it('is a bucket that is named with its key', () => {
    expect(loadConfig({ S3_BUCKET: 'files', S3_ENDPOINT: 'http://store:9000', S3_FORCE_PATH_STYLE: '1', ...key }).s3).toEqual({
      bucket: 'files',
      endpoint: 'http://store:9000',
      region: 'us-east-1',
      accessKeyId: 'id',
      secretAccessKey: 'hunter2',
      forcePathStyle: true,
    });
  });

  it('is no setting without effect', () => {
    expect(loadConfig({ S3_BUCKET: 'files', ...key }).warnings).toEqual([]);
  });

  it('is not half a bucket', () => {
    for (const env of [key, { S3_BUCKET: 'files' }, { S3_REGION: 'eu-west-1' }])
      expect(faultsOf(env)).toEqual([expect.stringMatching(/ missing; /)]);
  });
});

describe('.env.example', () => {
  it('shows every name, and can be taken as it is', () => {
    const text = environmentExample(features);
    expect([...text.matchAll(/^#([A-Z0-9_]+)=/gm)].map(([, name]) => name)).toEqual(
      Object.keys({ ...allSettings(features), ...exampleProviderSettings() }),
    );
    expect(text).not.toMatch(/^[^#\n]/m);
  });

  it('is current', () => {
    expect(readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8')).toBe(environmentExample(features));
  });
});
