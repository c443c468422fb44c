import pg from 'pg';
import type { Attempt } from '../harness/recorder.ts';
import type { Scenario, Stage } from '../harness/run-scenario.ts';
import { until } from '../../support/until.ts';
import { isAppend, isCommit } from './statements.ts';

/** What happens to PostgreSQL. */

const ANSWERED_MS = 3_000;
const FIRST_SUCCESS_MS = 5_000;

async function withAdmin<T>({ adminUrl }: Stage, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl });
  admin.on('error', () => {});
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end().catch(() => {});
  }
}

const terminate = (admin: pg.Client) =>
  admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and application_name = 'coucou'`,
  );

/** Takes connections until there is none left; answers those that it has. */
async function takeAll({ adminUrl }: Stage): Promise<pg.Client[]> {
  const taken: pg.Client[] = [];
  for (let isFull = false; !isFull; ) {
    const attempts = await Promise.allSettled(
      Array.from({ length: 20 }, async () => {
        const client = new pg.Client({ connectionString: adminUrl });
        client.on('error', () => {});
        await client.connect();
        return client;
      }),
    );
    for (const attempt of attempts) if (attempt.status === 'fulfilled') taken.push(attempt.value);
    isFull = attempts.some(({ status }) => status === 'rejected');
  }
  return taken;
}

/** The service is refused promptly and says when to come back, and works again soon after. */
async function whileAway(stage: Stage, away: () => Promise<void>): Promise<void> {
  const { recorder, measure, finding, caughtUp } = stage;
  const gone = Date.now();
  await away();
  const back = Date.now();
  const succeeded = await until(() => recorder.attempts.find(({ at, outcome }) => outcome === 'ok' && at >= back), {
    timeoutMs: 60_000,
    what: 'a message to be stored',
  });
  measure('first success once PostgreSQL is back', succeeded.at - back, FIRST_SUCCESS_MS);
  measure('everybody complete', await caughtUp());
  const meanwhile = recorder.attempts.filter(({ at, ms }) => at - ms > gone && at - ms < back);
  const slowest = (of: readonly Attempt[]) => Math.max(0, ...of.map(({ ms }) => ms));
  measure('slowest answer to what was sent meanwhile, HTTP', slowest(meanwhile.filter(({ over }) => over === 'http')), ANSWERED_MS);
  measure('slowest answer to what was sent meanwhile, sockets', slowest(meanwhile.filter(({ over }) => over === 'socket')), ANSWERED_MS);
  const mute = meanwhile.filter(
    ({ over, code, retryAfter }) => over === 'http' && code === 'SERVICE_UNAVAILABLE' && retryAfter === undefined,
  );
  if (mute.length > 0) finding(`${mute.length} answers 503 without Retry-After`);
}

/** All connections are somebody else's, and those of the nodes end. */
async function exhausted(stage: Stage, admin: pg.Client): Promise<void> {
  const taken = await takeAll(stage);
  try {
    await whileAway(stage, async () => {
      const end = performance.now() + stage.scaled(8_000);
      while (performance.now() < end) {
        const { rowCount } = await terminate(admin);
        if (rowCount !== 0) taken.push(...(await takeAll(stage)));
        await stage.lasting(100);
      }
      await Promise.all(taken.splice(0).map((client) => client.end()));
    });
  } finally {
    await Promise.all(taken.map((client) => client.end()));
  }
}

export const postgresScenarios: readonly Scenario[] = [
  {
    name: 'PostgreSQL stopped for 15 s',
    disturb: (stage) =>
      whileAway(stage, async () => {
        await stage.postgres.kill('SIGQUIT');
        await stage.lasting(15_000);
        await stage.postgres.restart();
      }),
  },
  {
    name: 'the way to PostgreSQL swallows everything for 10 s',
    disturb: (stage) =>
      whileAway(stage, async () => {
        for (const { toPostgres } of stage.nodes) toPostgres.swallow();
        await stage.lasting(10_000);
        for (const { toPostgres } of stage.nodes) toPostgres.mend();
      }),
  },
  {
    name: 'back-ends of PostgreSQL terminated every 500 ms',
    disturb: (stage) =>
      withAdmin(stage, async (admin) => {
        for (let time = 0; time < 16; time += 1) {
          await terminate(admin);
          await stage.lasting(500);
        }
        stage.measure('everybody complete', await stage.caughtUp());
      }),
  },
  {
    name: 'connections of PostgreSQL exhausted for 8 s',
    disturb: (stage) => withAdmin(stage, (admin) => exhausted(stage, admin)),
  },
  {
    name: 'answers of appends cut off after the commit',
    inSmoke: true,
    async disturb({ nodes, lasting, caughtUp, measure }) {
      for (let time = 0; time < 6; time += 1) {
        await Promise.all(nodes.map(({ toPostgres }) => toPostgres.intercept((sent) => (isAppend(sent) ? 'cutAnswer' : undefined))));
        await lasting(300);
      }
      measure('everybody complete', await caughtUp());
    },
  },
  {
    name: 'the answer of an append cut off after the commit, and its node killed',
    async disturb({ nodes, lasting, caughtUp, measure }) {
      for (const node of nodes) {
        // Nobody but the database knows that it was stored; its sender asks the other node.
        await node.toPostgres.intercept((sent) => (isAppend(sent) ? 'cutAnswer' : undefined));
        await node.end('SIGKILL');
        await lasting(2_000);
        await node.start();
        measure('everybody complete once the node is back', await caughtUp());
      }
    },
  },
  {
    name: 'the commit of a new group cut off',
    async disturb({ nodes: [{ toPostgres }], owner, people, lasting, caughtUp, measure }) {
      const cut = toPostgres.intercept((sent) => (isCommit(sent) ? 'cutAnswer' : undefined));
      const input = { type: 'group', title: 'In doubt', memberIds: people.slice(1).map(({ id }) => id) };
      await Promise.all([cut, owner.http.call('POST', '/api/v1/conversations', input)]);
      await lasting(1_000);
      measure('everybody complete', await caughtUp());
    },
  },
  {
    name: "one conversation's row locked for 8 s",
    disturb: (stage) =>
      withAdmin(stage, async (admin) => {
        const { groups, recorder, finding, lasting } = stage;
        await admin.query('begin');
        await admin.query('select from conversation_head where conversation_id = $1 for update', [groups[0]]);
        const locked = recorder.log.length;
        await lasting(8_000);
        const stored = recorder.log
          .slice(locked)
          .filter((entry) => entry.type === 'event' && entry.name === 'message:new' && entry.conversation !== groups[0]);
        await admin.query('rollback');
        if (stored.length === 0) finding('nothing went on in the other conversations');
        stage.measure('everybody complete', await stage.caughtUp());
      }),
  },
  {
    name: 'a session idle in its transaction for 15 s',
    disturb: (stage) =>
      withAdmin(stage, async (admin) => {
        await admin.query('begin isolation level repeatable read');
        await admin.query('select count(*) from message');
        await stage.lasting(15_000);
        await admin.query('rollback');
        stage.measure('everybody complete', await stage.caughtUp());
      }),
  },
];
