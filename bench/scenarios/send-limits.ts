import { availableParallelism } from 'node:os';
import { randomBytes } from 'node:crypto';
import { providePostgres } from '../../tests/support/services.ts';
import type { Pair } from '../load/fleet.ts';
import { Load } from '../load/load.ts';
import { type Interval, interval, postgresCpu } from '../measure.ts';
import { type Bench, faults, turn } from '../rounds.ts';
import { administer, createDatabase, dropDatabases } from '../servers/contestants.ts';
import { openPairsByKey, startServer } from '../servers/product.ts';
import type { ServerProcess } from '../servers/start.ts';

/**
 * What the default limits of a message cost (`send --limits default`): the product with those of `.env.example` beside the product without
 * any, in turns, A B B A. There are so many people that none of them is refused at this rate; connections are not in the way
 * of a message, and many, since all of them come from this machine.
 */
export type SendLimitsOptions = Readonly<{
  rounds: number;
  seconds: number;
  conversations: number;
  smoke: boolean;
  log(line: string): void;
}>;
export type SendLimitsReport = Readonly<{
  postgres: string;
  rounds: number;
  conversations: number;
  messages: number;
  /** Processor microseconds per message without limits. */
  server: number;
  database: number;
  /** With the limits ÷ without, within a round. */
  serverRatio: Interval;
  postgresRatio: Interval;
  faults: string[];
}>;

/** Of a message on a socket. */
const LIMITED = ['LIMIT_SOCKET_EVENTS', 'LIMIT_USER_MESSAGES', 'LIMIT_CONVERSATION_MESSAGES'] as const;
const SETTINGS = {
  off: Object.fromEntries(LIMITED.map((name) => [name, 'off'])),
  default: Object.fromEntries(LIMITED.map((name) => [name, undefined])),
};
type Name = keyof typeof SETTINGS;

type Cost = Readonly<{ messages: number; server: number; postgres: number }>;

export async function sendLimits(options: SendLimitsOptions): Promise<SendLimitsReport> {
  const postgres = await providePostgres();
  const load = new Load(Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2))));
  const servers = new Map<Name, ServerProcess>();
  const wrong: string[] = [];
  const awake = setInterval(() => {}, 1000);
  try {
    const cpu = await postgresCpu(postgres.url);
    if (cpu === undefined) throw new Error('PostgreSQL runs elsewhere: what it costs cannot be measured');
    const bench: Bench = { load, postgresCpu: cpu };
    for (const name of ['off', 'default'] as const) {
      options.log(`starting the product, limits: ${name}`);
      const url = await createDatabase(postgres.url, `limits_${name}`);
      const owner = { email: 'owner@example.com', password: randomBytes(18).toString('base64url') };
      const settings = { ...SETTINGS[name], ADMIN_EMAIL: owner.email, ADMIN_PASSWORD: owner.password };
      const server = await startServer(url, [], { settings });
      servers.set(name, server);
      const pairs: Pair[] = await openPairsByKey(server.url, owner, options.conversations);
      options.log(`connecting ${2 * pairs.length} clients`);
      await load.connect(name, [server.url], pairs, true);
      await administer(url, 'vacuum analyze');
    }
    // Half of the time it is the other's turn: each person sends 0.3 a second on average, of the 0.5 that come back.
    const rate = 0.6 * options.conversations;
    const once = async (name: Name, seconds = options.seconds): Promise<Cost> => {
      const result = await turn(bench, { name, server: servers.get(name) as ServerProcess }, { kind: 'open', seconds, rate });
      wrong.push(...faults(name, result));
      return { messages: result.counts.acked, server: result.serverMicros, postgres: result.postgresMicros ?? 0 };
    };
    // The first rounds measure the compiler.
    for (let warm = 0; warm < (options.smoke ? 1 : 4); warm += 1)
      for (const name of ['off', 'default', 'default', 'off'] as const) await once(name);
    const rounds: { off: Cost; default: Cost }[] = [];
    while (rounds.length < options.rounds) {
      const costs = { off: [] as Cost[], default: [] as Cost[] };
      for (const name of ['off', 'default', 'default', 'off'] as const) costs[name].push(await once(name));
      rounds.push({ off: sum(costs.off), default: sum(costs.default) });
      if (rounds.length % 5 === 0) options.log(`${rounds.length} of ${options.rounds} rounds`);
    }
    const ratio = (of: 'server' | 'postgres') =>
      interval(rounds.map((round) => round.default[of] / round.default.messages / (round.off[of] / round.off.messages)));
    const without = sum(rounds.map(({ off }) => off));
    return {
      postgres: `PostgreSQL ${postgres.version} (${postgres.source})`,
      rounds: rounds.length,
      conversations: options.conversations,
      messages: without.messages + sum(rounds.map((round) => round.default)).messages,
      server: without.server / without.messages,
      database: without.postgres / without.messages,
      serverRatio: ratio('server'),
      postgresRatio: ratio('postgres'),
      faults: wrong,
    };
  } finally {
    load.stop();
    for (const server of servers.values()) await server.stop();
    if (postgres.source === 'given') await dropDatabases(postgres.url, ['limits_off', 'limits_default']);
    await postgres.stop();
    clearInterval(awake);
  }
}

const sum = (costs: readonly Cost[]): Cost => ({
  messages: costs.reduce((total, { messages }) => total + messages, 0),
  server: costs.reduce((total, { server }) => total + server, 0),
  postgres: costs.reduce((total, { postgres }) => total + postgres, 0),
});
