import { setTimeout as pause } from 'node:timers/promises';
import { type Connections, sendAway } from './connections.ts';
import { drain } from './drain.ts';
import type { CloseOptions } from './gateway-options.ts';
import type { InFlight } from './in-flight.ts';
import { type Links, STEPS } from './links.ts';
import type { Transports } from './transports.ts';

const LONGEST_ROUND_MS = 1_000;
/** How long peers may take to agree that their connections are closed. */
const CLOSING_MS = 1_000;

export type LifecycleOptions = Readonly<{
  connections: Connections;
  links: Links;
  transports: Transports;
  inFlight: InFlight;
  authenticateTimeoutMs: number;
  /** From here on nobody new is let in. */
  shut: () => void;
  /** Ends what runs for the sockets. */
  stop: () => Promise<void>;
}>;

/** Looks after the connections from the start to the close, which this answers. */
export function beginLife({ connections, links, transports, inFlight, authenticateTimeoutMs, shut, stop }: LifecycleOptions) {
  const { io, plain, upgrades } = transports;

  // The one timer of all connections.
  const roundMs = Math.min(LONGEST_ROUND_MS, authenticateTimeoutMs / 2);
  const sweep = setInterval(() => links.sweep(Date.now()), roundMs / STEPS).unref();

  return async function close({ timeoutMs = 2_000, ...waves }: CloseOptions = {}): Promise<void> {
    shut();
    await drain(connections, waves);
    await Promise.race([inFlight.settled(), pause(timeoutMs, undefined, { ref: false })]);
    await stop();
    clearInterval(sweep);
    // Whose calls take longer.
    sendAway(connections, waves.retryAfterMs);
    plain.close();
    const deadline = Date.now() + Math.min(timeoutMs, CLOSING_MS);
    while (Date.now() < deadline && (upgrades.open > 0 || io.engine.clientsCount > 0)) await pause(10);
    io.engine.close();
    upgrades.destroyAll();
  };
}
