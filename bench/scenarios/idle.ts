import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { providePostgres } from '../../tests/support/services.ts';
import { calm, connectAll, watched } from '../load/crowd.ts';
import type { RawClient } from '../load/raw-client.ts';
import { type Spread, spread } from '../measure.ts';
import { createDatabase, dropDatabases } from '../servers/contestants.ts';
import { openGroupsByKey, startServer } from '../servers/product.ts';
import { ServerProcess } from '../servers/start.ts';

/**
 * S7: what a socket costs that says nothing: signed in and in 20 conversations, beside a stock Socket.IO socket in as many rooms. Memory after
 * a collection, with and without the sockets; processor time over pings of everybody, less what the server takes without sockets.
 */
export type IdleOptions = Readonly<{
  rounds: number;
  sockets: number;
  /** For how long they are watched; a ping comes every 25 s. */
  seconds: number;
  log(line: string): void;
}>;

/** Of one socket: KiB of the process, KiB that JavaScript holds, and microseconds a second. */
export type IdleCost = Readonly<{ residentKiB: number; heapKiB: number; microsPerSecond: number }>;
export type IdleRound = Readonly<{ relay: IdleCost; product: IdleCost }>;
export type IdleReport = Readonly<{
  sockets: number;
  rounds: IdleRound[];
  /** The product's ÷ the relay's. */
  resident: Spread;
  heap: Spread;
  faults: string[];
}>;

const CONVERSATIONS = 20;
/** Clients that are in and out first. */
const FIRST = 50;
const OWNER = { email: 'owner@example.com', password: randomBytes(18).toString('base64url') };

export async function idle({ rounds: count, sockets, seconds, log }: IdleOptions): Promise<IdleReport> {
  const postgres = await providePostgres();
  const rounds: IdleRound[] = [];
  const faults: string[] = [];
  const awake = setInterval(() => {}, 1000);
  try {
    const url = await createDatabase(postgres.url, 'idle');
    const settings = { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password, SECRET_KEY: randomBytes(32).toString('hex') };
    const startProduct = () => startServer(url, ['--expose-gc'], { settings });
    const startRelay = () => ServerProcess.start(new URL('../servers/idle-relay.ts', import.meta.url), {}, ['--expose-gc']);
    log(`making ${sockets} people`);
    const groups = Math.ceil(sockets / CONVERSATIONS);
    const people = await withServer(startProduct, (server) => openGroupsByKey(server.url, OWNER, groups, CONVERSATIONS));
    const strangers = people.map((_, at) => {
      const group = Math.floor(at / CONVERSATIONS);
      return JSON.stringify({ rooms: Array.from({ length: CONVERSATIONS }, (_each, room) => `${group}-${room}`) });
    });
    for (let round = 1; round <= count; round += 1) {
      const relay = await withServer(startRelay, (server) => cost(server, strangers, seconds, faults));
      const product = await withServer(startProduct, (server) => cost(server, people, seconds, faults));
      rounds.push({ relay, product });
      log(`round ${round}: relay ${described(relay)}; product ${described(product)}`);
    }
  } finally {
    if (postgres.source === 'given') await dropDatabases(postgres.url, ['idle']);
    await postgres.stop();
    clearInterval(awake);
  }
  const ratio = (of: keyof IdleCost) => spread(rounds.map(({ relay, product }) => product[of] / relay[of]));
  return { sockets, rounds, resident: ratio('residentKiB'), heap: ratio('heapKiB'), faults };
}

async function withServer<T>(start: () => Promise<ServerProcess>, work: (server: ServerProcess) => Promise<T>): Promise<T> {
  const server = await start();
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

async function cost(server: ServerProcess, auths: readonly string[], seconds: number, faults: string[]): Promise<IdleCost> {
  const listenerOf = () => ({ acked() {}, event() {}, closed: (why: string) => void faults.push(`an idle socket was ${why}`) });
  // Once in and out, so that what the first connections load is there already.
  await leaveAll(await connectAll(server.url, auths.slice(0, FIRST), listenerOf));
  await calm([server]);
  const [before, quiet] = [await memory(server), await watched(server, seconds)];
  const clients = await connectAll(server.url, auths, listenerOf);
  await calm([server]);
  const after = await memory(server);
  const busy = await watched(server, seconds);
  await leaveAll(clients);
  const each = (bytes: number) => bytes / 1024 / auths.length;
  return {
    residentKiB: each(after.rss - before.rss),
    heapKiB: each(held(after) - held(before)),
    microsPerSecond: (busy - quiet) / seconds / auths.length,
  };
}

const held = ({ heapUsed, external }: NodeJS.MemoryUsage): number => heapUsed + external;
const memory = (server: ServerProcess) => server.ask<NodeJS.MemoryUsage>('memory');

async function leaveAll(clients: readonly RawClient[]): Promise<void> {
  for (const client of clients) client.leave();
  await sleep(500);
}

const described = ({ residentKiB, heapKiB, microsPerSecond }: IdleCost): string =>
  `${residentKiB.toFixed(1)} KiB, ${heapKiB.toFixed(1)} KiB of heap, ${microsPerSecond.toFixed(2)} µs/s`;
