import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { providePostgres, startRedis } from '../../tests/support/services.ts';
import { calmRounds, type Kept } from '../calm-rounds.ts';
import { calm, connectAll } from '../load/crowd.ts';
import { openLoop } from '../load/open-loop.ts';
import { type Listener, RawClient } from '../load/raw-client.ts';
import { type CommandCounts, countCommands, sumOf } from '../load/redis-commands.ts';
import { postgresCpu, type Spread, spread } from '../measure.ts';
import { createDatabase, dropDatabases } from '../servers/contestants.ts';
import { type Group, openGroups, startServer } from '../servers/product.ts';
import { ServerProcess } from '../servers/start.ts';

/**
 * S12: who types, and who is away, in groups of ten, beside volatile emits of stock Socket.IO; and the commands of Redis for each connect and
 * disconnect, each in a turn of its own. Each person's signals are far enough apart that none is throttled: both servers pass on all of them.
 */
export type PresenceOptions = Readonly<{ rounds: number; people: number; seconds: number; smoke: boolean; log(line: string): void }>;

export type Kind = 'typing' | 'presence';
/** Of one kind in one round: processor microseconds per event that was delivered. */
export type SignalFigures = Readonly<{ micros: number; postgresMicros: number; perSecond: number }>;
export type PresenceRound = Readonly<Record<Kind, Readonly<{ relay: SignalFigures; product: SignalFigures }>>>;
/** Commands of Redis for each connect or disconnect, less what the idle server gives meanwhile; and by name, with those. */
export type Commands = Readonly<{ each: number; byName: CommandCounts }>;
export type PresenceReport = Kept<PresenceRound> &
  Readonly<{
    postgres: string;
    people: number;
    /** The relay's ÷ the product's processor time per delivered event. */
    ratios: Readonly<Record<Kind, Spread>>;
    connect: Commands;
    disconnect: Commands;
    /** The same of many who connect, and of all who disconnect, at once. */
    connectTogether: Commands;
    disconnectTogether: Commands;
    faults: string[];
  }>;

const SIZE = 10;
/** Between two signals of one person: a start right after a stop is throttled. */
const PAUSE_SECONDS = 1.2;
/** Longer than a device stays online after its last connection. */
const GRACE_MS = 6_000;
/** What comes late, if at all, has come. */
const SETTLE_MS = 1_000;
/** Between two disconnects: so far apart that each is in a turn of its own. */
const APART_MS = 4;
/** The goal is 1, of one that also announces it; the lease of the node is renewed now and then. */
const MOST_COMMANDS = 2.2;
const OWNER = { email: 'owner@example.com', password: randomBytes(18).toString('base64url') };

/** What one person says, in turn on and off. */
type Signals = Readonly<Record<Kind, readonly [on: string, off: string]>>;
type Contestant = Readonly<{
  name: 'relay' | 'product';
  server: ServerProcess;
  clients: readonly RawClient[];
  signals: readonly Signals[];
  heard: Record<Kind, number>;
}>;

/** How many connections get each signal: those of the others, and where somebody is away their own as well. */
const AUDIENCE: Readonly<Record<Kind, number>> = { typing: SIZE - 1, presence: SIZE };

export async function presence(options: PresenceOptions): Promise<PresenceReport> {
  const postgres = await providePostgres();
  const redis = await startRedis();
  const servers: ServerProcess[] = [];
  const awake = setInterval(() => {}, 1000);
  try {
    const url = await createDatabase(postgres.url, 'presence');
    const settings = { ADMIN_EMAIL: OWNER.email, ADMIN_PASSWORD: OWNER.password, REDIS_URL: redis.url };
    const server = await startServer(url, [], { settings });
    servers.push(server);
    const groups = Math.ceil(options.people / SIZE);
    options.log(`making ${groups * SIZE} people`);
    const opened = await openGroups(server.url, OWNER, { groups, size: SIZE, conversations: 1 });
    const faults: string[] = [];
    const counted = await commandsOf(server, redis.url, opened, faults);
    options.log(`commands of Redis: connect ${counted.connect.each.toFixed(2)}, disconnect ${counted.disconnect.each.toFixed(2)}`);
    const relayServer = await ServerProcess.start(new URL('../servers/relay.ts', import.meta.url));
    servers.push(relayServer);
    const contestants = [await relayOf(relayServer, groups), await productOf(server, opened)];
    await calm(servers);
    const measured = await measure(contestants, await postgresCpu(postgres.url), options, faults);
    return { ...measured, ...counted, people: groups * SIZE, faults, postgres: `PostgreSQL ${postgres.version} (${postgres.source})` };
  } finally {
    for (const server of servers) await server.stop();
    await redis.stop();
    if (postgres.source === 'given') await dropDatabases(postgres.url, ['presence']);
    await postgres.stop();
    clearInterval(awake);
  }
}

const silent = { acked() {}, event() {}, closed() {} };

async function commandsOf(server: ServerProcess, redisUrl: string, groups: readonly Group[], faults: string[]) {
  const people = groups.flatMap(({ members }) => members);
  await calm([server]);
  const commands = await countCommands(redisUrl);
  try {
    commands.take();
    await sleep(GRACE_MS);
    const idlePerMs = sumOf(commands.take()) / GRACE_MS;
    const counted = async (settleMs: number, work: () => Promise<void>): Promise<Commands> => {
      const begun = performance.now();
      commands.take();
      await work();
      await sleep(settleMs);
      const byName = commands.take();
      return { each: (sumOf(byName) - idlePerMs * (performance.now() - begun)) / people.length, byName };
    };
    const clients: RawClient[] = [];
    const connect = await counted(SETTLE_MS, async () => {
      for (const { auth } of people) clients.push(await RawClient.connect(server.url, auth, silent));
    });
    const disconnect = await counted(GRACE_MS, async () => {
      for (const client of clients.splice(0)) {
        client.leave();
        await sleep(APART_MS);
      }
    });
    const auths = people.map(({ auth }) => auth);
    const connectTogether = await counted(SETTLE_MS, async () => void clients.push(...(await connectAll(server.url, auths, () => silent))));
    const disconnectTogether = await counted(GRACE_MS, async () => {
      for (const client of clients) client.leave();
    });
    for (const [what, { each }] of Object.entries({ connect, disconnect }))
      if (each > MOST_COMMANDS) faults.push(`${each.toFixed(2)} commands of Redis for each ${what}, above ${MOST_COMMANDS}`);
    return { connect, disconnect, connectTogether, disconnectTogether };
  } finally {
    commands.stop();
  }
}

async function relayOf(server: ServerProcess, groups: number): Promise<Contestant> {
  const conversations = Array.from({ length: groups * SIZE }, (_, at) => `group-${Math.floor(at / SIZE)}`);
  const heard = { typing: 0, presence: 0 };
  const auths = conversations.map((conversationId) => JSON.stringify({ conversationId }));
  const clients = await connectAll(server.url, auths, () => listenerOf(heard));
  const signals = conversations.map((conversationId, at) => signalsOf(conversationId, `person-${at}`));
  return { name: 'relay', server, clients, signals, heard };
}

async function productOf(server: ServerProcess, groups: readonly Group[]): Promise<Contestant> {
  const heard = { typing: 0, presence: 0 };
  const people = groups.flatMap(({ members, conversationIds }) =>
    members.map((member) => ({
      ...member,
      conversationId: conversationIds[0] ?? '',
      others: members.flatMap(({ id }) => (id === member.id ? [] : [id])),
    })),
  );
  const clients = await connectAll(
    server.url,
    people.map(({ auth }) => auth),
    () => listenerOf(heard),
  );
  // Presence goes to friends and to subscribers, not to members of a common group.
  for (const [at, { others }] of people.entries()) clients[at]?.send(`420["presence:get",${JSON.stringify({ userIds: others })}]`);
  return { name: 'product', server, clients, signals: people.map(({ conversationId }) => signalsOf(conversationId)), heard };
}

/** A relay knows nobody: there a person says who they are. */
function signalsOf(conversationId: string, userId?: string): Signals {
  const own = userId === undefined ? {} : { userId };
  const typing = (isTyping: boolean) => `42["typing",${JSON.stringify({ ...own, conversationId, isTyping })}]`;
  const status = (is: string) => `42["presence:set",${JSON.stringify({ ...own, status: is })}]`;
  return { typing: [typing(true), typing(false)], presence: [status('away'), status('online')] };
}

const TYPING = Buffer.from('42["typing"');
const CHANGED = Buffer.from('42["presence:changed"');
const startsWith = (frame: Buffer, start: Buffer): boolean => frame.subarray(0, start.length).equals(start);

function listenerOf(heard: Record<Kind, number>): Listener {
  return {
    ...silent,
    event(frame) {
      if (startsWith(frame, TYPING)) heard.typing += 1;
      else if (startsWith(frame, CHANGED)) heard.presence += 1;
    },
  };
}

async function measure(
  contestants: readonly Contestant[],
  cpu: (() => number) | undefined,
  { rounds: count, seconds, smoke, log }: PresenceOptions,
  faults: string[],
) {
  const turn = async ({ name, server, clients, signals, heard }: Contestant, kind: Kind): Promise<Spent> => {
    // Everybody as often as the others, and as often on as off.
    const passes = 2 * Math.max(1, Math.round(seconds / PAUSE_SECONDS / 2));
    const plan = { seconds: passes * PAUSE_SECONDS, rate: clients.length / PAUSE_SECONDS };
    const most = passes * clients.length;
    const [micros, postgresBefore, before] = [await server.cpuMicros(), cpu?.(), heard[kind]];
    let sent = 0;
    await openLoop(plan, () => {
      const at = sent % clients.length;
      if (sent < most) clients[at]?.send(signals[at]?.[kind][Math.floor(sent / clients.length) % 2] ?? '');
      sent += 1;
    });
    await sleep(SETTLE_MS);
    const events = heard[kind] - before;
    const expected = Math.min(sent, most) * AUDIENCE[kind];
    // Best effort: what is coalesced or dropped is no fault, but then the two did not do the same.
    if (events < 0.98 * expected || events > 1.02 * expected) faults.push(`${name}: ${events} of ${expected} events of ${kind} came`);
    const postgresMicros = cpu && cpu() - (postgresBefore ?? 0);
    return { events, micros: (await server.cpuMicros()) - micros, postgresMicros, seconds: plan.seconds };
  };
  const figures = async (kind: Kind) => {
    const turns = { relay: [] as Spent[], product: [] as Spent[] };
    for (const each of smoke ? contestants : [...contestants, ...contestants.toReversed()]) turns[each.name].push(await turn(each, kind));
    const limits = turns.relay.map(({ micros, events }) => micros / events);
    return { of: { relay: figuresOf(turns.relay), product: figuresOf(turns.product) }, limits };
  };
  const kept = await calmRounds(smoke ? 1 : count, log, async () => {
    const [typing, status] = [await figures('typing'), await figures('presence')];
    const round: PresenceRound = { typing: typing.of, presence: status.of };
    const summary = (['typing', 'presence'] as const)
      .map((kind) => `${kind} relay ${round[kind].relay.micros.toFixed(1)} µs, product ${round[kind].product.micros.toFixed(1)} µs`)
      .join('; ');
    return { round, limits: typing.limits, summary };
  });
  const ratio = (kind: Kind) => spread(kept.rounds.map((round) => round[kind].relay.micros / round[kind].product.micros));
  return { ...kept, ratios: { typing: ratio('typing'), presence: ratio('presence') } };
}

/** Of one turn, in all. */
type Spent = Readonly<{ events: number; micros: number; postgresMicros: number | undefined; seconds: number }>;

function figuresOf(turns: readonly Spent[]): SignalFigures {
  const sum = (pick: (each: Spent) => number) => turns.reduce((total, each) => total + pick(each), 0);
  const events = sum((each) => each.events);
  return {
    micros: sum((each) => each.micros) / events,
    postgresMicros: sum((each) => each.postgresMicros ?? Number.NaN) / events,
    perSecond: events / sum((each) => each.seconds),
  };
}
