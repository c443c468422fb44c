import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

export const PLAIN_PATH = '/ws';
export const SOCKET_IO_PATH = '/socket.io';

/**
 * Dispatches the upgrades of one HTTP server. Engine.IO takes its own; `plain` emits all others, for @fastify/websocket, which
 * routes them like any request: to `/ws`, or to the answer for an unknown path.
 */
export class Upgrades {
  readonly plain = new EventEmitter();
  readonly #open = new Set<Duplex>();
  #isOver = false;

  constructor(server: Server, engineTakes: (url: string) => boolean) {
    const open = this.#open;
    function forget(this: Duplex): void {
      open.delete(this);
    }
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      // A server that closes does not wait for what Fastify refuses by itself.
      if (this.#isOver) return void socket.destroy();
      const url = request.url ?? '';
      open.add(socket);
      // Not `once`, which keeps a wrapper for each socket.
      socket.on('close', forget);
      if (!engineTakes(url)) this.plain.emit('upgrade', request, socket, head);
    });
  }

  get open(): number {
    return this.#open.size;
  }

  /** For peers that do not answer a closing handshake, and those that come later. */
  destroyAll(): void {
    this.#isOver = true;
    for (const socket of this.#open) socket.destroy();
  }
}
