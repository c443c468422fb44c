import { Redis } from 'ioredis';
import pg from 'pg';
import { httpClient } from '../../support/clients.ts';
import { signInAgain } from '../../support/people.ts';
import type { Fault } from '../fault.ts';
import { repeating, type Stage } from '../stage.ts';

/** Logins at every node, three a second each. */
const logins = ({ nodes, people: [person] }: Stage): (() => Promise<void>) =>
  repeating(
    () =>
      Promise.allSettled(
        nodes.map(({ url }) =>
          httpClient(url).call('POST', '/api/v1/auth/login', { username: person?.username, password: person?.password }),
        ),
      ),
    300,
  );

async function withRedis<T>({ redis }: Stage, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(redis.url, { retryStrategy: () => null });
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

const MIB = 1024 * 1024;

/** What happens to PostgreSQL, Redis and the mail server. */
export const serviceFaults: readonly Fault[] = [
  {
    name: 'every word to and from PostgreSQL takes 70 ms',
    fires: ['CoucouSendBudgetBurn, page', 'CoucouSendBudgetBurn, ticket'],
    endsInSilence: true,
    async begin({ nodes }) {
      for (const { toPostgres } of nodes) toPostgres.delay(70);
      return async () => {
        for (const { toPostgres } of nodes) toPostgres.delay(0);
      };
    },
  },
  {
    name: 'Redis is stopped',
    inSmoke: true,
    fires: ['CoucouRedisAway, page', 'CoucouEventsLost, ticket', 'CoucouDeliveryBudgetBurn, page', 'CoucouDeliveryBudgetBurn, ticket'],
    async begin({ redis }) {
      await redis.kill();
      return () => redis.restart();
    },
  },
  {
    name: 'Redis has little memory left',
    fires: ['CoucouRedisMemory, ticket'],
    async begin(stage) {
      const used = await withRedis(stage, async (client) => Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1]));
      const limit = (bytes: number) => withRedis(stage, (client) => client.config('SET', 'maxmemory', String(bytes)));
      // Used is a share of 92 %, and something is left to write into.
      await limit(Math.max(Math.round(used / 0.92), used + MIB / 8));
      return async () => void (await limit(0));
    },
  },
  {
    name: 'PostgreSQL is stopped',
    fires: ['CoucouDatabaseAway, page', 'CoucouErrors, page', 'CoucouLoginBudgetBurn, page', 'CoucouLoginBudgetBurn, ticket'],
    async begin(stage) {
      await stage.postgres.kill();
      const stop = logins(stage);
      return async () => {
        await stop();
        await stage.postgres.restart();
      };
    },
  },
  {
    name: 'forty people read all the time, and PostgreSQL is 40 ms away',
    fires: ['CoucouDatabaseBusy, ticket'],
    async begin({ nodes: [{ toPostgres, url }], owner, groups: [group] }) {
      const { http } = await signInAgain(url, owner);
      toPostgres.delay(40);
      const readers = Array.from({ length: 40 }, () => repeating(() => http.call('GET', `/api/v1/conversations/${group}/messages`), 0));
      return async () => {
        toPostgres.delay(0);
        await Promise.all(readers.map((stop) => stop()));
      };
    },
  },
  {
    name: 'somebody forgot a transaction',
    fires: ['CoucouOldTransaction, ticket'],
    async begin({ runtimeUrl }) {
      const client = new pg.Client({ connectionString: runtimeUrl });
      await client.connect();
      await client.query('begin');
      return () => client.end();
    },
  },
  {
    name: 'a transaction holds the chain of the audit log',
    fires: ['CoucouSealLate, ticket'],
    begin: ({ holding }) => holding('lock table audit_seal in exclusive mode'),
  },
  {
    name: 'a transaction holds a side effect that is due',
    fires: ['CoucouOutboxLate, ticket'],
    async begin({ holding, asAdmin }) {
      // Due when it is held already.
      await asAdmin(`insert into outbox (account_id, id, type, payload, due_at, stored_by)
        select account_id, gen_random_uuid(), 'mail.due', '{"held": true}', now() + interval '2 s', null from account limit 1`);
      const held = `outbox where payload::text like '%"held"%'`;
      const release = await holding(`select 1 from ${held} for update`);
      return async () => {
        await release();
        await asAdmin(`delete from ${held}`);
      };
    },
  },
  {
    name: 'a side effect was given up',
    fires: ['CoucouDeadLetters, ticket'],
    async begin({ asAdmin }) {
      await asAdmin(`insert into outbox (account_id, id, type, payload, attempts, last_error, dead_at, stored_by)
        select account_id, gen_random_uuid(), 'test.given-up', '{}', 12, 'a test', now(), null from account limit 1`);
      return () => asAdmin(`delete from outbox where type = 'test.given-up'`);
    },
  },
  {
    name: 'the mail server takes connections and says nothing',
    fires: ['CoucouQueueLate, ticket'],
    async begin({ toMail, nodes: [{ url }], people }) {
      toMail.hold();
      const stop = repeating(
        () => Promise.all(people.map(({ email }) => httpClient(url).call('POST', '/api/v1/auth/magic-links', { email }))),
        200,
      );
      return async () => {
        await stop();
        toMail.release();
        toMail.mend();
      };
    },
  },
  {
    name: 'a transaction holds a recurring job',
    fires: ['CoucouScheduleLate, ticket'],
    begin: ({ holding }) => holding(`select 1 from schedule where name = 'health.figures' for update`),
  },
  {
    name: 'a recurring job fails',
    fires: ['CoucouScheduleFails, ticket'],
    async begin({ asAdmin }) {
      await asAdmin('alter table link_preview_page rename to link_preview_page_gone');
      return () => asAdmin('alter table link_preview_page_gone rename to link_preview_page');
    },
  },
];
