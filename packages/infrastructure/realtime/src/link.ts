import type { Counter } from '@coucou/application/ports/metrics';
import type { CloseReason } from './close-codes.ts';

/** How often a peer is asked whether it is there, and how long it may take to say so. */
export type Heartbeat = Readonly<{ intervalMs: number; timeoutMs: number }>;

/** A connection below Socket.IO, of either transport: its buffers, limits and end. */
export interface Link {
  /** Bytes that wait for the client to read. */
  readonly buffered: number;
  readonly readyState: string;
  /** More waited than may: it is about to be closed. */
  readonly isOverflown: boolean;
  /** Stops reading, so that the client's own buffers fill; and goes on. */
  pause(): void;
  resume(): void;
  /** Sends something to a client that is not read from: were it gone, nothing else would tell. */
  probe(): void;
  /** Asks the peer whether it is there when that is due, and ends the connection of one that does not answer. */
  beat(now: number, heartbeat: Heartbeat): void;
  /** From now on messages of up to so many bytes are taken. */
  allow(bytes: number): void;
  /** Says why it is about to be closed. */
  announceClosing(reason: CloseReason): void;
  close(): void;
  /** Cuts it, for a client that does not let itself be closed. */
  terminate(): void;
}

/** What all links report to. */
export type LinkOptions = Readonly<{
  /** More than this many bytes wait for the client: called once. */
  mostBuffered: number;
  onOverflow: (link: Link) => void;
  /** The client sends more frames that call nothing than any library does: called once. */
  onFlood: (link: Link) => void;
  /** A frame above the limit ends the connection. */
  onTooLarge: (link: Link) => void;
  /** Events that were sent to many, once for each link. */
  delivered: Counter;
}>;
