import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { administer, createDatabase } from './contestants.ts';
import { startServer } from './product.ts';
import type { ServerProcess } from './start.ts';

export type Seeded = Readonly<{ server: ServerProcess; databaseUrl: string; account: string; conversation: string }>;
export type SeededSetting = Readonly<{ databaseUrl: string; size: number; nodeOptions: readonly string[] }>;

export const OWN_CLI = fileURLToPath(new URL('../../apps/server/src/cli/main.ts', import.meta.url));

/** The product in production mode on a database of its own, filled by `pnpm cli seed --size`. */
export async function startSeeded({ databaseUrl, size, nodeOptions }: SeededSetting): Promise<Seeded> {
  const url = await seedDatabase({ databaseUrl, size, purpose: `seeded_${size}` });
  const server = await startServer(url, nodeOptions);
  try {
    return { server, databaseUrl: url, ...(await find(url)) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

type SeedOptions = Readonly<{ databaseUrl: string; size: number; purpose: string; cli?: string }>;

/** A new database filled by `cli seed --size`, of another checkout where `cli` names its command line. Answers its URL. */
export async function seedDatabase({ databaseUrl, size, purpose, cli = OWN_CLI }: SeedOptions): Promise<string> {
  const url = await createDatabase(databaseUrl, purpose);
  const env = { ...process.env, DATABASE_URL: url, DATABASE_OWNER_URL: url, NODE_ENV: 'development' };
  await promisify(execFile)(process.execPath, [cli, 'seed', '--size', String(size)], { env, maxBuffer: 16 * 1024 * 1024 });
  // Chance decides whether a reader has hidden messages of the long conversation, which costs a look-up for each row: in no run have they.
  await administer(url, 'delete from hide');
  // So that no vacuum of what was just written falls into the measurement.
  await administer(url, 'vacuum analyze');
  return url;
}

/** The long conversation, and the account it belongs to. */
export async function find(databaseUrl: string): Promise<{ account: string; conversation: string }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ account: string; conversation: string }>(
      // Of messages, which versions to compare with keep where this one does.
      'select account_id as account, conversation_id as conversation from message order by seq desc limit 1',
    );
    const [row] = rows;
    if (row === undefined) throw new Error('nothing was seeded');
    return row;
  } finally {
    await client.end();
  }
}

export async function logIn(url: string, username: string): Promise<{ id: string; token: string }> {
  const response = await fetch(`${url.replace(/\/$/, '')}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: `coucou-${username}` }),
  });
  if (response.status !== 200) throw new Error(`${username} cannot log in: ${response.status} ${await response.text()}`);
  const { user, accessToken } = (await response.json()) as { user: { id: string }; accessToken: string };
  return { id: user.id, token: accessToken };
}
