import type { Database } from './template.ts';

export type EnvironmentOptions = {
  /** PostgreSQL; without it the server runs on its embedded database. */
  database?: Pick<Database, 'url' | 'ownerUrl'> | undefined;
  redisUrl?: string | undefined;
  /** Anything else, and the last word. */
  env?: Record<string, string>;
};

/**
 * What a server under test is configured with. One secret for all, for nodes on one database share theirs; no limits, for
 * a suite signs up more people in a minute than an address may in an hour. Tests of limits set theirs in `env`.
 */
export function environment({ database, redisUrl, env = {} }: EnvironmentOptions): Record<string, string> {
  return {
    NODE_ENV: 'test',
    HOST: '127.0.0.1',
    PORT: '0',
    LOG_FORMAT: 'json',
    SECRET_KEY: 'the tests keep no secrets: 32 bytes or more',
    LIMIT_REST: 'off',
    LIMIT_LOGIN: 'off',
    LIMIT_SIGNUP: 'off',
    LIMIT_SOCKET_EVENTS: 'off',
    LIMIT_USER_MESSAGES: 'off',
    LIMIT_CONVERSATION_MESSAGES: 'off',
    LIMIT_CONNECTIONS: 'off',
    LIMIT_HANDSHAKES: 'off',
    LIMIT_UNAUTHENTICATED: 'off',
    ...(database && { DATABASE_URL: database.url, DATABASE_OWNER_URL: database.ownerUrl }),
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    ...env,
  };
}
