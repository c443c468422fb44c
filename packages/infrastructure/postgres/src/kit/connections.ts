import type { Socket } from 'node:net';
import pg from 'pg';

/** The connections that pools have to one server, all together: what one of them meets, the others would meet as well. */
export type Connections = Readonly<{
  /** What the pools make them of. While connecting fails, one attempt at a time is made, and the others fail at once. */
  Client: typeof pg.Client;
  /**
   * The server owes an answer on a connection that is none of these. What this returns is called when it still does. Then, unless one of
   * them has received something meanwhile, all are ended: what was asked on them fails, with an unknown outcome, and so does opening others
   * until `resume`.
   */
  doubt(): () => void;
  /** The server answers again. */
  resume(): void;
}>;

/** Between two attempts while connecting fails. */
const RETRY_MS = 50;

/** As the network would say it, if it noticed. */
const silence = () => Object.assign(new Error('the database does not answer'), { code: 'ETIMEDOUT' });

export function createConnections(): Connections {
  const open = new Set<pg.Client>();
  let isSilent = false;
  let failure: Error | undefined;
  let retryAt = 0;

  class Client extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      open.add(this);
      this.connection.once('end', () => open.delete(this));
    }

    override connect(): Promise<pg.Client>;
    override connect(callback: (error: Error | null, client: pg.Client) => void): void;
    /** Pools give a callback. */
    override connect(callback: (error: Error | null, client: pg.Client) => void = () => {}): Promise<pg.Client> | void {
      const refusal = isSilent ? silence() : performance.now() < retryAt ? failure : undefined;
      if (refusal !== undefined) {
        open.delete(this);
        process.nextTick(callback, refusal, this);
        return;
      }
      // The others wait for how this attempt ends.
      if (failure !== undefined) retryAt = Number.POSITIVE_INFINITY;
      super.connect((error: Error | null) => {
        failure = error ?? undefined;
        retryAt = failure === undefined ? 0 : performance.now() + RETRY_MS;
        callback(error, this);
      });
    }
  }

  const receivedOn = ({ connection }: pg.Client): number => (connection.stream as Socket).bytesRead;

  return {
    Client,
    doubt() {
      // Of each connection: one that ends meanwhile takes its bytes with it.
      const before = new Map([...open].map((client) => [client, receivedOn(client)]));
      return () => {
        for (const client of open) if (receivedOn(client) > (before.get(client) ?? 0)) return;
        isSilent = true;
        for (const { connection } of open) connection.stream.destroy(silence());
      };
    },
    resume() {
      isSilent = false;
      retryAt = 0;
    },
  };
}
