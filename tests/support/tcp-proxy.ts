import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What is done with what the client sends from here on: held until `release`, or let through and its connection ended once it is answered. */
export type Interception = 'hold' | 'cutAnswer';

/**
 * Stands between a client and a service, so that a test can do to their connections what a network does. What changes the flow holds for
 * what is open and for what comes.
 */
export type TcpProxy = Readonly<{
  /** That of the service, by way of the proxy. */
  url: string;
  /** Ends what is open, and refuses what comes. */
  cut(): void;
  mend(): void;
  /** Every piece waits so long, in both directions. */
  delay(ms: number): void;
  /** Stops the flow and ends nothing: what is sent waits until `release`. Connections open, and hear nothing. */
  hold(direction?: Direction): void;
  /** What was held goes on its way. */
  release(): void;
  /** Swallows what is sent from here on, in both directions, and keeps the connections open; `mend` ends those that lost something. */
  swallow(): void;
  /** Tells the service that the clients will send no more, and keeps the other direction. */
  halfClose(): void;
  /** Asked about everything that a client sends, until it answers; the promise settles when what it answered is done. */
  intercept(decide: (sent: Buffer) => Interception | undefined): Promise<void>;
  close(): Promise<void>;
}>;

export type Direction = 'toService' | 'toClient';
type Link = { client: Socket; service: Socket; isHeld: boolean; endsWhenAnswered: (() => void) | undefined; lost: boolean };

export async function openTcpProxy(serviceUrl: string): Promise<TcpProxy> {
  const to = new URL(serviceUrl);
  const links = new Set<Link>();
  let isCut = false;
  let swallows = false;
  let delayMs = 0;
  const held = new Set<Direction>();
  let flows = Promise.withResolvers<void>();
  let asked: { decide: (sent: Buffer) => Interception | undefined; done: () => void } | undefined;

  function end(link: Link): void {
    links.delete(link);
    link.client.destroy();
    link.service.destroy();
  }

  function meet(link: Link, sent: Buffer): void {
    const found = asked?.decide(sent);
    if (asked === undefined || found === undefined) return;
    const { done } = asked;
    asked = undefined;
    if (found === 'hold') {
      link.isHeld = true;
      done();
    } else link.endsWhenAnswered = done;
  }

  async function carry(link: Link, direction: Direction): Promise<void> {
    const [from, into] = direction === 'toService' ? [link.client, link.service] : [link.service, link.client];
    try {
      for await (const piece of from as AsyncIterable<Buffer>) {
        if (direction === 'toService') meet(link, piece);
        if (direction === 'toClient' && link.endsWhenAnswered !== undefined) {
          link.endsWhenAnswered();
          return end(link);
        }
        while (held.has(direction) || link.isHeld) await flows.promise;
        if (delayMs > 0) await pause(delayMs);
        if (swallows) link.lost = true;
        else if (!into.write(piece)) await Promise.race([once(into, 'drain'), once(into, 'close')]);
      }
      into.end();
    } catch {
      // A connection that broke is no fault of the proxy: the other half learns of it.
      end(link);
    }
  }

  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (isCut) return void client.destroy();
    const service = connect({ port: Number(to.port), host: to.hostname, allowHalfOpen: true });
    const link: Link = { client, service, isHeld: false, endsWhenAnswered: undefined, lost: false };
    links.add(link);
    for (const socket of [client, service]) {
      socket.on('error', () => end(link));
      socket.setNoDelay(true);
    }
    for (const direction of ['toService', 'toClient'] as const) void carry(link, direction);
    client.on('close', () => service.destroy());
    service.on('close', () => end(link));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(serviceUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);

  function release(): void {
    held.clear();
    for (const link of links) link.isHeld = false;
    flows.resolve();
    flows = Promise.withResolvers<void>();
  }
  return {
    url: url.href,
    cut() {
      isCut = true;
      for (const link of links) end(link);
    },
    mend() {
      isCut = false;
      swallows = false;
      delayMs = 0;
      for (const link of links) if (link.lost) end(link);
      release();
    },
    delay(ms) {
      delayMs = ms;
    },
    hold(direction) {
      for (const one of direction === undefined ? (['toService', 'toClient'] as const) : [direction]) held.add(one);
    },
    release,
    swallow() {
      swallows = true;
    },
    halfClose() {
      for (const { service } of links) service.end();
    },
    intercept: (decide) =>
      new Promise((done) => {
        asked = { decide, done };
      }),
    async close() {
      for (const link of links) end(link);
      flows.resolve();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
