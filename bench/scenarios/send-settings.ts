import { availableParallelism } from 'node:os';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { providePostgres } from '../../tests/support/services.ts';
import type { Pair } from '../load/fleet.ts';
import { Load } from '../load/load.ts';
import { type Interval, interval, postgresCpu } from '../measure.ts';
import { type Bench, faults, turn } from '../rounds.ts';
import { administer, createDatabase, dropDatabases } from '../servers/contestants.ts';
import { openPairsByKey, startServer } from '../servers/product.ts';
import type { ServerProcess } from '../servers/start.ts';

/**
 * What settings of the server cost a message (`send --settings …`): the product with them beside the product without, in turns, A B B A.
 * There are so many people that no limit refuses any of them at this rate; limits of connections are not in the way of a message, and
 * high, since all of them come from this machine.
 */
export type SendSettingsOptions = Readonly<{
  compared: Compared;
  rounds: number;
  seconds: number;
  conversations: number;
  smoke: boolean;
  log(line: string): void;
}>;
export type SendSettingsReport = Readonly<{
  compared: Compared;
  postgres: string;
  rounds: number;
  conversations: number;
  messages: number;
  /** Processor microseconds per message without. */
  server: number;
  database: number;
  /** With ÷ without, within a round. */
  serverRatio: Interval;
  postgresRatio: Interval;
  faults: string[];
}>;

/** Of a message on a socket. */
const LIMITED = ['LIMIT_SOCKET_EVENTS', 'LIMIT_USER_MESSAGES', 'LIMIT_CONVERSATION_MESSAGES'] as const;
type Settings = Readonly<Record<string, string | undefined>>;
const sides = ['off', 'on'] as const;
type Side = (typeof sides)[number];

/** `off` and `on`, given the address of a collector that takes everything. */
export const comparisons = {
  // Those of `.env.example`.
  limits: () => ({
    off: Object.fromEntries(LIMITED.map((name) => [name, 'off'])),
    on: Object.fromEntries(LIMITED.map((name) => [name, undefined])),
  }),
  // The default sample, one trace of a hundred.
  traces: (collector: string) => ({ off: {}, on: { OTEL_EXPORTER_OTLP_ENDPOINT: collector } }),
} satisfies Readonly<Record<string, (collector: string) => Readonly<Record<Side, Settings>>>>;
export type Compared = keyof typeof comparisons;

type Cost = Readonly<{ messages: number; server: number; postgres: number }>;

export async function sendSettings(options: SendSettingsOptions): Promise<SendSettingsReport> {
  const postgres = await providePostgres();
  const load = new Load(Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))));
  const servers = new Map<Side, ServerProcess>();
  const wrong: string[] = [];
  const collector = await takeEverything();
  try {
    const cpu = await postgresCpu(postgres.url);
    if (cpu === undefined) throw new Error('PostgreSQL runs elsewhere: what it costs cannot be measured');
    const bench: Bench = { load, postgresCpu: cpu };
    const settingsOf = comparisons[options.compared](collector.url);
    for (const name of sides) {
      options.log(`starting the product, ${options.compared} ${name}`);
      const url = await createDatabase(postgres.url, `settings_${name}`);
      const owner = { email: 'owner@example.com', password: randomBytes(18).toString('base64url') };
      const settings = { ...settingsOf[name], ADMIN_EMAIL: owner.email, ADMIN_PASSWORD: owner.password };
      const server = await startServer(url, [], { settings });
      servers.set(name, server);
      const pairs: Pair[] = await openPairsByKey(server.url, owner, options.conversations);
      options.log(`connecting ${2 * pairs.length} clients`);
      await load.connect(name, [server.url], pairs, true);
      await administer(url, 'vacuum analyze');
    }
    // Half of the time it is the other's turn: each person sends 0.3 a second on average, of the 0.5 that come back.
    const rate = 0.6 * options.conversations;
    const measure = async (name: Side, seconds = options.seconds): Promise<Cost> => {
      const result = await turn(bench, { name, server: servers.get(name) as ServerProcess }, { kind: 'open', seconds, rate });
      wrong.push(...faults(name, result));
      return { messages: result.counts.acked, server: result.serverMicros, postgres: result.postgresMicros ?? 0 };
    };
    // The first rounds measure the compiler.
    for (let warm = 0; warm < (options.smoke ? 1 : 4); warm += 1)
      for (const name of ['off', 'on', 'on', 'off'] as const) await measure(name);
    const rounds: Record<Side, Cost>[] = [];
    while (rounds.length < options.rounds) {
      const costs = { off: [] as Cost[], on: [] as Cost[] };
      for (const name of ['off', 'on', 'on', 'off'] as const) costs[name].push(await measure(name));
      rounds.push({ off: sum(costs.off), on: sum(costs.on) });
      if (rounds.length % 5 === 0) options.log(`${rounds.length} of ${options.rounds} rounds`);
    }
    const ratio = (of: 'server' | 'postgres') =>
      interval(rounds.map((round) => round.on[of] / round.on.messages / (round.off[of] / round.off.messages)));
    const without = sum(rounds.map(({ off }) => off));
    return {
      compared: options.compared,
      postgres: `PostgreSQL ${postgres.version} (${postgres.source})`,
      rounds: rounds.length,
      conversations: options.conversations,
      messages: without.messages + sum(rounds.map(({ on }) => on)).messages,
      server: without.server / without.messages,
      database: without.postgres / without.messages,
      serverRatio: ratio('server'),
      postgresRatio: ratio('postgres'),
      faults: wrong,
    };
  } finally {
    load.stop();
    for (const server of servers.values()) await server.stop();
    if (postgres.source === 'given')
      await dropDatabases(
        postgres.url,
        sides.map((name) => `settings_${name}`),
      );
    await postgres.stop();
    collector.close();
  }
}

const sum = (costs: readonly Cost[]): Cost => ({
  messages: costs.reduce((total, { messages }) => total + messages, 0),
  server: costs.reduce((total, { server }) => total + server, 0),
  postgres: costs.reduce((total, { postgres }) => total + postgres, 0),
});

/** A collector on this machine, which also keeps this process alive. */
async function takeEverything(): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}
