import { loggableError } from '@coucou/application/kernel/loggable-error';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { ActivityLog } from '@coucou/application/ports/activity-log';
import type { Clock } from '@coucou/application/ports/clock';
import type { Ids } from '@coucou/application/ports/ids';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { LoggedConnection } from '@coucou/domain/activity/connection';
import type { PresenceEntry } from '@coucou/domain/activity/presence-entry';
import { Presence } from '@coucou/domain/presence/presence';
import type { Logger } from 'pino';
import { createLogBuffer } from './log-buffer.ts';

/** One life of this process, under the name of its node. */
type Run = Readonly<{ id: string; node: string; sharesPresence: boolean }>;

/** Where the rows go: what PostgreSQL and the embedded database do for it. */
export interface ActivityStore {
  writeConnections(run: Run, connections: readonly LoggedConnection[]): Promise<void>;
  writePresence(entries: readonly PresenceEntry[]): Promise<void>;
  seen(run: Run): Promise<void>;
  closeGone(run: Run, afterSeconds: number): Promise<number>;
  leave(run: Run): Promise<void>;
}

export type ActivityLogOptions = Readonly<{
  store: ActivityStore;
  /** The name of this node. */
  node: string;
  clock: Clock;
  ids: Ids;
  metrics: Metrics;
  log: Pick<Logger, 'warn' | 'info'>;
  /** Nodes share the presence of people, and note whom one that is gone leaves offline; default: the beat of another node notes it. */
  sharesPresence?: boolean;
  /** How long another node may say nothing before its connections are taken for ended, in seconds; default 60. */
  goneAfterSeconds?: number;
  /** Rows of either log that may wait; default 10,000. */
  capacity?: number;
}>;

export type NodeActivityLog = ActivityLog &
  Readonly<{
    run: Run;
    /** Writes what waits. Never rejects. */
    flush: () => Promise<void>;
    /** Says that this node is alive, and ends the connections of those that are not. */
    beat: () => Promise<void>;
    /** Writes the rest, on a graceful stop. */
    close: () => Promise<void>;
  }>;

const GONE_AFTER_SECONDS = 60;

export function createActivityLog({
  store,
  node,
  clock,
  ids,
  metrics,
  log,
  sharesPresence = false,
  goneAfterSeconds = GONE_AFTER_SECONDS,
  capacity,
}: ActivityLogOptions): NodeActivityLog {
  const run: Run = { id: ids.next(), node, sharesPresence };
  const bufferOf = <Row>(name: 'connection' | 'presence', write: (rows: readonly Row[]) => Promise<void>) =>
    createLogBuffer<Row>({
      name,
      write,
      written: metrics.counter(catalogue.activityRows, { log: name, outcome: 'written' }),
      lost: metrics.counter(catalogue.activityRows, { log: name, outcome: 'lost' }),
      log,
      ...(capacity !== undefined && { capacity }),
    });
  const connections = bufferOf<LoggedConnection>('connection', (rows) => store.writeConnections(run, rows));
  const presence = bufferOf<PresenceEntry>('presence', (rows) => store.writePresence(rows));
  /** Since when this node has reached the database without a pause: it could not have heard of others before. */
  let hearsSince: number | undefined;

  return {
    run,
    connected({ account, ...rest }) {
      const begun: LoggedConnection = {
        ...rest,
        accountId: account,
        id: ids.next(),
        node,
        connectedAt: clock.now(),
        ended: undefined,
      };
      connections.put(begun.id, begun);
      return ({ transport, reason }) => connections.put(begun.id, { ...begun, transport, ended: { at: clock.now(), reason } });
    },

    presenceChanged(changes) {
      for (const { account, userId, devices, at } of changes) {
        const id = ids.next<'presenceEntry'>();
        presence.put(id, { accountId: account, id, userId, status: Presence.statusOf(devices), at });
      }
    },

    async flush() {
      await Promise.all([connections.flush(), presence.flush()]);
    },

    async beat() {
      try {
        await store.seen(run);
        hearsSince ??= performance.now();
        // After an outage everybody gets the time to be heard again.
        if (performance.now() - hearsSince < goneAfterSeconds * 1_000) return;
        const closed = await store.closeGone(run, goneAfterSeconds);
        if (closed > 0) log.info({ closed }, 'ended the connections of nodes that are gone, in the connection log');
      } catch (error) {
        hearsSince = undefined;
        throw error;
      }
    },

    async close() {
      await Promise.all([connections.close(), presence.close()]);
      await store.leave(run).catch((error: unknown) => {
        log.warn({ err: loggableError(error) }, 'the node could not sign off; its open connections are ended in the log by another');
      });
    },
  };
}
