import { createConnection, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, Redis } from 'ioredis';
import type { RedisAddress, ServerOptions, ServerPlace } from './address.ts';

type ClusterAddress = Extract<RedisAddress, { kind: 'cluster' }>;

const ANSWER_WITHIN_MS = 1_000;
const RETRY_MS = 200;

/**
 * Options of a connection to the server that has `key`: the only one, or the master of its slot in a cluster, asked for anew at every connection.
 * When the slot has gone to another master, the connection is given up.
 */
export function optionsFor(address: RedisAddress, key: string): ServerOptions {
  if (address.kind === 'server') return address.options;
  return {
    ...address.options,
    Connector: connectorTo(address, key),
    reconnectOnError: ({ message }) => /^(?:MOVED|READONLY) /.test(message),
  };
}

function connectorTo({ nodes, options }: ClusterAddress, key: string) {
  /** All that are known, those that answered last first. */
  let known = nodes;
  return class extends AbstractConnector {
    constructor() {
      super(1);
    }

    /** Ends with a connection, or when it is not wanted any more: ioredis does not try again after a failure. */
    async connect(tell: (event: string, error: Error) => void): Promise<Socket> {
      this.connecting = true;
      for (;;) {
        const found = await lookUp(known, options, key);
        if (!this.connecting) throw new Error('the connection is not wanted any more');
        if (found instanceof Error) {
          tell('error', found);
          await pause(RETRY_MS);
          continue;
        }
        known = [...found.masters, ...nodes];
        const stream = options.tls === undefined ? createConnection(found.owner) : connectTls({ ...found.owner, ...options.tls });
        stream.once('error', (error) => (this.firstError = error));
        this.stream = stream;
        return stream;
      }
    }
  };
}

/** Asks one node after the other. */
async function lookUp(nodes: readonly ServerPlace[], options: ServerOptions, key: string) {
  let failure = new Error(`no node of the cluster serves the slot of ${key}`);
  for (const node of nodes) {
    try {
      const masters = await mastersOf(node, options, key);
      if (masters !== undefined) return masters;
    } catch (error) {
      failure = error as Error;
    }
  }
  return failure;
}

/** Undefined when no master has the slot. */
async function mastersOf(node: ServerPlace, options: ServerOptions, key: string) {
  const redis = new Redis({
    ...options,
    ...node,
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: ANSWER_WITHIN_MS,
    commandTimeout: ANSWER_WITHIN_MS,
    maxRetriesPerRequest: 0,
    disconnectTimeout: 1,
    retryStrategy: () => null,
    replyMapping: 'legacy',
    connectionName: 'coucou slots',
  });
  let cause: unknown;
  redis.on('error', (error) => {
    cause = error;
  });
  try {
    await redis.connect();
    const slot = await redis.cluster('KEYSLOT', key);
    const ranges = (await redis.cluster('SLOTS')).flatMap(([from, to, master]) => {
      if (master === undefined) return [];
      // A node that knows no name for itself leaves it out.
      const [host, port] = master;
      return [{ from, to, master: { host: host || node.host, port } }];
    });
    const owner = ranges.find(({ from, to }) => from <= slot && slot <= to)?.master;
    return owner && { owner, masters: ranges.map(({ master }) => master) };
  } catch (error) {
    throw cause ?? error;
  } finally {
    redis.disconnect();
  }
}
