import { randomBytes, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import pg from 'pg';
import type { Pair } from '../load/fleet.ts';
import type { LoadPhase } from '../load/load.ts';
import { ServerProcess } from './start.ts';

export type Name = 'relay' | 'product' | 'append' | 'tutorial';

/** A server under test with what its clients need to know: one entry per direct conversation. */
export interface Contestant {
  name: Name;
  server: ServerProcess;
  pairs: Pair[];
  /** Whether acks carry `seq`, which must then be gapless. */
  numbered: boolean;
  /** Its own database, where it has one. */
  databaseUrl?: string;
  /** Makes its own load instead of serving clients, under full load only. */
  drive?(plan: { seconds: number; inFlight: number }): Promise<LoadPhase>;
}

export interface Setting {
  databaseUrl: string;
  conversations: number;
  /** Node options for the product, so that it can be profiled. */
  nodeOptions: readonly string[];
}

export async function startRelay({ conversations }: Setting): Promise<Contestant> {
  const pairs = Array.from({ length: conversations }, () => {
    const conversationId = randomUUID();
    const auth = JSON.stringify({ conversationId });
    return { conversationId, sender: auth, peer: auth };
  });
  const server = await ServerProcess.start(new URL('./relay.ts', import.meta.url));
  return { name: 'relay', server, pairs, numbered: false };
}

export async function startTutorial({ databaseUrl, conversations }: Setting): Promise<Contestant> {
  const url = await createDatabase(databaseUrl, 'tutorial');
  const secret = randomBytes(32).toString('hex');
  const token = async (userId: string) => {
    const jwt = await new SignJWT().setProtectedHeader({ alg: 'HS256' }).setSubject(userId).sign(new TextEncoder().encode(secret));
    return JSON.stringify({ token: jwt });
  };
  const members: { conversationId: string; userId: string }[] = [];
  const pairs: Pair[] = [];
  for (let at = 0; at < conversations; at += 1) {
    const [conversationId, sender, peer] = [randomUUID(), randomUUID(), randomUUID()];
    members.push({ conversationId, userId: sender }, { conversationId, userId: peer });
    pairs.push({ conversationId, sender: await token(sender), peer: await token(peer) });
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`
    create table members(conversation_id uuid, user_id uuid, primary key (user_id, conversation_id));
    create table messages(
      id bigint generated always as identity primary key, conversation_id uuid not null, sender_id uuid not null,
      content text not null, created_at timestamptz not null default now());
    create index on messages(conversation_id, created_at)`);
  await client.query('insert into members select * from unnest($1::uuid[], $2::uuid[])', [
    members.map(({ conversationId }) => conversationId),
    members.map(({ userId }) => userId),
  ]);
  await client.end();
  const server = await ServerProcess.start(new URL('./tutorial.ts', import.meta.url), { DATABASE_URL: url, JWT_SECRET: secret });
  return { name: 'tutorial', server, pairs, numbered: false, databaseUrl: url };
}

/** A database of this run's own beside the one given; answers its URL. */
export async function createDatabase(databaseUrl: string, purpose: string): Promise<string> {
  const name = `coucou_bench_${purpose}_${process.pid}`;
  await administer(databaseUrl, `create database ${name}`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function dropDatabases(databaseUrl: string, purposes: readonly string[] = ['tutorial', 'product', 'append']): Promise<void> {
  for (const purpose of purposes) {
    await administer(databaseUrl, `drop database if exists coucou_bench_${purpose}_${process.pid} with (force)`);
  }
}

export async function administer(databaseUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
