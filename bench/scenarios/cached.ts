import { providePostgres } from '../../tests/support/services.ts';
import { type Answer, HttpClient } from '../load/http-client.ts';
import { postgresCpu, type Spread, spread } from '../measure.ts';
import { dropDatabases } from '../servers/contestants.ts';
import { startServer } from '../servers/product.ts';
import { find, logIn, seedDatabase } from '../servers/seeded.ts';
import { ServerProcess } from '../servers/start.ts';

/** S9: reads that are cached, in every way that they can be answered, beside a bare Fastify route that answers the same bytes. */
export type CachedOptions = Readonly<{
  rounds: number;
  /** Of each turn. */
  requests: number;
  /** Requests in flight, each on a connection of its own. */
  inFlight: number;
  smoke: boolean;
  nodeOptions: readonly string[];
  log(line: string): void;
}>;

/** `uncached`: with ANSWER_CACHE=0; `held`: 304; `cached`: from the memory of the node. */
const WAYS = ['bare', 'uncached', 'held', 'cached'] as const;
type Way = (typeof WAYS)[number];
type Figures = Readonly<{ serverMicros: number; postgresMicros: number | undefined; perSecond: number }>;
type Round = Readonly<Record<Way, Figures>>;
type CachedRead = Readonly<{
  what: string;
  bytes: number;
  rounds: readonly Round[];
  /** Processor time of the bare route ÷ that of the product's server; the product's requests a second ÷ those of the bare route. */
  ratios: Readonly<Record<Exclude<Way, 'bare'>, Readonly<{ cpu: Spread; rate: Spread }>>>;
}>;
export type CachedReport = Readonly<{ postgres: string; reads: readonly CachedRead[]; faults: string[] }>;

type Asking = Readonly<{ server: ServerProcess; status: number; ask: () => Promise<Answer>[]; prepare?: () => Promise<void> }>;
type Asked = Readonly<{
  what: string;
  bytes: number;
  ways: Readonly<Record<Way, Asking>>;
}>;

const WARM = 2_000;

export async function cached(options: CachedOptions): Promise<CachedReport> {
  const { inFlight, nodeOptions, log } = options;
  const postgres = await providePostgres();
  const servers: ServerProcess[] = [];
  const clients: HttpClient[] = [];
  const purposes = ['cached_on', 'cached_off'];
  try {
    log('seeding two databases alike');
    const [on, off] = await Promise.all(
      purposes.map(async (purpose, at) => {
        const url = await seedDatabase({ databaseUrl: postgres.url, size: 1_000, purpose });
        const settings = at === 0 ? {} : { ANSWER_CACHE: '0' };
        const server = await startServer(url, at === 0 ? nodeOptions : [], { settings });
        servers.push(server);
        return { server, conversation: (await find(url)).conversation, token: (await logIn(server.url, 'hank')).token };
      }),
    );
    const bare = await ServerProcess.start(new URL('../servers/bare-route.ts', import.meta.url));
    servers.push(bare);
    if (on === undefined || off === undefined) throw new Error('nothing was started');
    const clientsOf = ({ url }: ServerProcess) => {
      const own = Array.from({ length: inFlight }, () => new HttpClient(url));
      clients.push(...own);
      return own;
    };
    const [toOn, toOff, toBare] = [clientsOf(on.server), clientsOf(off.server), clientsOf(bare)];
    const reads = [
      { what: 'inbox', path: () => '/api/v1/conversations?limit=50' },
      { what: 'history', path: (conversation: string) => `/api/v1/conversations/${conversation}/messages?limit=50` },
      { what: 'profile', path: () => '/api/v1/auth/me' },
    ];
    const asked: Asked[] = [];
    for (const { what, path } of reads) {
      const { body } = await (toOn[0] as HttpClient).ask(path(on.conversation), on.token);
      let etag = '';
      // When a session was last used is part of a profile, and is written now and then.
      const prepareHeld = async () => {
        const { head } = await (toOn[0] as HttpClient).ask(path(on.conversation), on.token);
        etag = /^etag: (.*)\r$/im.exec(head)?.[1] ?? '';
      };
      await (toBare[0] as HttpClient).post(`/${what}`, body.toString());
      const all = (way: readonly HttpClient[], ask: (client: HttpClient) => Promise<Answer>) => () => way.map(ask);
      asked.push({
        what,
        bytes: body.length,
        ways: {
          bare: { server: bare, status: 200, ask: all(toBare, (client) => client.ask(`/${what}`, on.token)) },
          uncached: { server: off.server, status: 200, ask: all(toOff, (client) => client.ask(path(off.conversation), off.token)) },
          held: {
            server: on.server,
            status: 304,
            prepare: prepareHeld,
            ask: all(toOn, (client) => client.ask(path(on.conversation), on.token, [`if-none-match: ${etag}`])),
          },
          cached: { server: on.server, status: 200, ask: all(toOn, (client) => client.ask(path(on.conversation), on.token)) },
        },
      });
    }
    return {
      postgres: `PostgreSQL ${postgres.version} (${postgres.source})`,
      ...(await measure(asked, await postgresCpu(postgres.url), options)),
    };
  } finally {
    const awake = setInterval(() => {}, 1000);
    for (const client of clients) client.close();
    for (const server of servers) await server.stop();
    if (postgres.source === 'given') await dropDatabases(postgres.url, purposes);
    await postgres.stop();
    clearInterval(awake);
  }
}

type Turn = Readonly<{ server: number; postgres: number | undefined; seconds: number; requests: number }>;

async function measure(asked: readonly Asked[], cpu: (() => number) | undefined, { rounds, requests, smoke, log }: CachedOptions) {
  const faults: string[] = [];

  async function turn({ what, ways }: Asked, way: Way, many: number): Promise<Turn> {
    const { server, ask, status, prepare } = ways[way];
    await prepare?.();
    const [serverBefore, postgresBefore, began] = [await server.cpuMicros(), cpu?.(), performance.now()];
    let done = 0;
    let wrong = 0;
    while (done < many)
      for (const answer of await Promise.all(ask())) {
        done += 1;
        if (answer.status !== status) wrong += 1;
      }
    const seconds = (performance.now() - began) / 1_000;
    if (wrong > 0) faults.push(`${what}, ${way}: ${wrong} of ${done} answers had another status than ${status}`);
    return {
      server: (await server.cpuMicros()) - serverBefore,
      postgres: cpu && cpu() - (postgresBefore ?? 0),
      seconds,
      requests: done,
    };
  }

  const kept = new Map(asked.map(({ what }) => [what, [] as Round[]]));
  for (const read of asked) for (const way of WAYS) await turn(read, way, smoke ? 32 : WARM);
  for (let round = 1; round <= (smoke ? 1 : rounds); round += 1) {
    for (const read of asked) {
      const turns: Record<Way, Turn[]> = { bare: [], uncached: [], held: [], cached: [] };
      for (const way of [...WAYS, ...WAYS.toReversed()]) turns[way].push(await turn(read, way, smoke ? 32 : requests));
      const figures = Object.fromEntries(WAYS.map((way) => [way, figuresOf(turns[way])])) as Round;
      kept.get(read.what)?.push(figures);
      log(`round ${round}, ${read.what}: ${WAYS.map((way) => `${way} ${figures[way].serverMicros.toFixed(0)} µs`).join(', ')}`);
    }
  }
  const reads = asked.map(({ what, bytes }): CachedRead => {
    const own = kept.get(what) ?? [];
    const ratiosOf = (way: Exclude<Way, 'bare'>) => ({
      cpu: spread(own.map((round) => round.bare.serverMicros / round[way].serverMicros)),
      rate: spread(own.map((round) => round[way].perSecond / round.bare.perSecond)),
    });
    return { what, bytes, rounds: own, ratios: { uncached: ratiosOf('uncached'), held: ratiosOf('held'), cached: ratiosOf('cached') } };
  });
  return { reads, faults };
}

function figuresOf(turns: readonly Turn[]): Figures {
  const sum = (pick: (turn: Turn) => number) => turns.reduce((total, each) => total + pick(each), 0);
  const requests = sum((each) => each.requests);
  const isKnown = turns.every(({ postgres }) => postgres !== undefined);
  return {
    serverMicros: sum(({ server }) => server) / requests,
    postgresMicros: isKnown ? sum(({ postgres }) => postgres ?? 0) / requests : undefined,
    perSecond: requests / sum(({ seconds }) => seconds),
  };
}
