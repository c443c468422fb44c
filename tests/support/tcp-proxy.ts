import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and a service, so that a test can cut one off without touching the other. */
export type TcpProxy = Readonly<{
  /** That of the service, by way of the proxy. */
  url: string;
  /** Ends what is open, and refuses what comes. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}>;

export async function openTcpProxy(serviceUrl: string): Promise<TcpProxy> {
  const to = new URL(serviceUrl);
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    // A connection that is cut is no fault of the proxy.
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = createServer((client) => {
    if (isCut) return void client.destroy();
    const service = keep(connect(Number(to.port), to.hostname));
    keep(client).pipe(service).pipe(client);
    client.on('close', () => service.destroy());
    service.on('close', () => client.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const end = () => sockets.forEach((socket) => socket.destroy());
  const url = new URL(serviceUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cut() {
      isCut = true;
      end();
    },
    mend() {
      isCut = false;
    },
    async close() {
      end();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
