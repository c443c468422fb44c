import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProcess } from '../servers/start.ts';
import { type Listener, RawClient } from './raw-client.ts';

/** Connections that are opened at once. */
const AT_ONCE = 50;
/** A server that takes less than so much in a second has nothing to do, and is waited for so many seconds. */
const CALM_MICROS = 30_000;
const IDLE_MICROS = 10;
const MOST_CALMING = 120;

/** Connects many clients in this process, a few at a time. */
export async function connectAll(url: string, auths: readonly string[], listenerOf: (at: number) => Listener): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let from = 0; from < auths.length; from += AT_ONCE) {
    const some = auths.slice(from, from + AT_ONCE).map((auth, at) => RawClient.connect(url, auth, listenerOf(from + at)));
    clients.push(...(await Promise.all(some)));
  }
  return clients;
}

/** What was done before has its effects, and what connecting leaves behind is written; but for what so many idle sockets take. */
export async function calm(servers: readonly ServerProcess[], sockets = 0): Promise<void> {
  const most = CALM_MICROS + IDLE_MICROS * sockets;
  for (const server of servers) for (let seconds = 0; seconds < MOST_CALMING && (await watched(server, 1)) > most; seconds += 1);
}

/** Microseconds of processor time that the server takes meanwhile. */
export async function watched(server: ServerProcess, seconds: number): Promise<number> {
  const before = await server.cpuMicros();
  await sleep(seconds * 1000);
  return (await server.cpuMicros()) - before;
}
