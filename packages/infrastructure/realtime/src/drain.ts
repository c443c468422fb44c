import { setTimeout as pause } from 'node:timers/promises';
import type { Socket } from 'socket.io';
import { closeSocket, connectionOf } from './connection.ts';
import { type Connections, retryWithin } from './connections.ts';

export type DrainOptions = Readonly<{
  /** Sockets that are sent away per second: other nodes let in about as many. */
  perSecond?: number | undefined;
  /** Where there are so many that it would take longer, they go faster. */
  withinMs?: number | undefined;
  /** Each reconnects at a time of its own within this time. */
  retryAfterMs?: number | undefined;
  pause?: (ms: number) => Promise<unknown>;
  random?: () => number;
}>;

const WAVE_MS = 200;

/** How many sockets go with each wave. */
export const waveOf = (sockets: number, perSecond: number, withinMs: number): number =>
  Math.max(1, Math.ceil((WAVE_MS * perSecond) / 1_000), Math.ceil((WAVE_MS * sockets) / withinMs));

/**
 * Sends all sockets elsewhere in waves, so that neither this node nor those that take them in have to serve all of them at once. Until its
 * wave a socket is served as ever; from then on what it calls is not begun, and it is closed once it has its answers.
 */
export async function drain({ sockets }: Pick<Connections, 'sockets'>, options: DrainOptions = {}): Promise<void> {
  const { perSecond = 200, withinMs = 5_500, retryAfterMs = 1_000, random = Math.random } = options;
  const { pause: wait = (ms) => pause(ms) } = options;
  const leaving = [...sockets.values()];
  const wave = waveOf(leaving.length, perSecond, withinMs);
  for (let sent = 0; sent < leaving.length; sent += wave) {
    if (sent > 0) await wait(WAVE_MS * (0.5 + random()));
    for (const socket of leaving.slice(sent, sent + wave)) leave(socket, retryWithin(retryAfterMs, random));
  }
}

function leave(socket: Socket, retryAfterMs: number): void {
  const { calls } = connectionOf(socket);
  const close = () => {
    if (socket.connected) closeSocket(socket, 'server_draining', retryAfterMs);
  };
  if (calls.running === 0) close();
  else calls.whenAnswered = close;
}
