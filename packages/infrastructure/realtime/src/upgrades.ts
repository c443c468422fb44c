import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

export const PLAIN_PATH = '/ws';

/**
 * Dispatches the upgrades of one HTTP server. Engine.IO takes its own; @fastify/websocket answers 404 to all others, so it
 * listens to `plain`, which emits only what is for it; anything else is refused here.
 */
export class Upgrades {
  readonly plain = new EventEmitter();
  readonly #open = new Set<Duplex>();

  constructor(server: Server, engineTakes: (url: string) => boolean) {
    const open = this.#open;
    function forget(this: Duplex): void {
      open.delete(this);
    }
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const url = request.url ?? '';
      const isPlain = url.split('?', 1)[0] === PLAIN_PATH;
      if (!isPlain && !engineTakes(url)) {
        // Node leaves an upgraded socket without listeners, and an unhandled 'error' would end the process.
        socket.on('error', () => {});
        socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
        return;
      }
      open.add(socket);
      socket.once('close', forget);
      if (isPlain) this.plain.emit('upgrade', request, socket, head);
    });
  }

  get open(): number {
    return this.#open.size;
  }

  /** For peers that do not answer a closing handshake. */
  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }
}
