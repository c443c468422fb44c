import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

/** Another server holds this database. */
export class OtherNodeError extends Error {}

const SOLE_NODE_LOCK = 7_266_826;
/** How long to wait for the lock: a killed server's connection lingers. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 250;

export type SoleNode = Readonly<{ release(): Promise<void> }>;

export type SoleNodeOptions = Readonly<{
  url: string;
  /** Called when the connection that holds the lock broke; it is re-acquired as soon as the database answers. */
  onLost: (error: Error) => void;
}>;

/**
 * Without a bus between nodes only one may serve a database: members on another would miss events. The lock is advisory and belongs to
 * a connection of its own, so it ends with the process. Throws `OtherNodeError`.
 */
export async function becomeSoleNode({ url, onLost }: SoleNodeOptions): Promise<SoleNode> {
  const stop = new AbortController();
  let client = await hold();

  async function hold(): Promise<pg.Client> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const made = new pg.Client({ connectionString: url, application_name: 'coucou sole node', keepAlive: true });
      made.on('error', (error) => {
        if (made === client && !stop.signal.aborted) void recover(error);
      });
      await made.connect();
      const { rows } = await made.query<{ held: boolean }>('select pg_try_advisory_lock($1) as held', [SOLE_NODE_LOCK]);
      if (rows[0]?.held === true) return made;
      await made.end();
      if (performance.now() > deadline) throw new OtherNodeError('another server uses this database');
      await pause(RETRY_MS);
    }
  }

  async function recover(error: Error): Promise<void> {
    onLost(error);
    while (!stop.signal.aborted) {
      try {
        client = await hold();
        return;
      } catch {
        await pause(RETRY_MS * 4, undefined, { ref: false });
      }
    }
  }

  return {
    async release() {
      stop.abort();
      await client.end().catch(() => {});
    },
  };
}
