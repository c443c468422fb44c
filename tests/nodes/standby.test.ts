import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { createPgPool, RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import { createPositions } from '@coucou/postgres/standby/positions';
import { createStandby } from '@coucou/postgres/standby/standby';
import { loadConfig } from '@coucou/server/config';
import { checkDatabase } from '@coucou/server/doctor/database';
import type { Payload } from '../support/event-log.ts';
import { environment } from '../support/environment.ts';
import { redisUrl } from '../support/database.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { freePort } from '../support/machine.ts';
import { atNode, expectStatus, openDirect, openGroup, type Person, signUp, signUpAll } from '../support/people.ts';
import { type Replicated, replicatingPostgres, startReplicated } from '../support/standby.ts';
import { until } from '../support/until.ts';
import { type Run, runOf } from '../sync/run.ts';
import { scenario } from '../sync/scenario.ts';
import { history, inbox, reads, readsOf, search, type Shown, type Step, step, synced } from './reads.ts';

const { NIGHTLY, STANDBY_RUNS, STANDBY_SEED } = process.env;
const numRuns = Number(STANDBY_RUNS ?? (NIGHTLY === '1' ? 200 : 8));
const seed = Number(STANDBY_SEED ?? Math.floor(Math.random() * 2 ** 31));

const binaries = replicatingPostgres();

/** Two nodes on one primary and its standby. The second caches no answers. */
describe.skipIf(binaries === undefined)('reads from a standby', () => {
  let server: Replicated;
  let here: ListeningApp;
  let there: ListeningApp;
  let alice: Person;
  let bob: Person;
  let conversationId: string;

  beforeAll(async () => {
    if (binaries === undefined) return;
    server = await startReplicated(binaries);
    const start = (env: Record<string, string>) =>
      startTestApp({
        database: server.database,
        redisUrl: redisUrl(),
        env: { METRICS_PORT: '0', DATABASE_READ_URL: server.readUrl, ...env },
      });
    here = await start({});
    there = await start({ ANSWER_CACHE: '0' });
    const people = await signUpAll(here.url, 'alice', 'bob');
    alice = people.alice;
    bob = atNode(people.bob, there.url);
    ({ id: conversationId } = await openDirect(alice, bob));
  });
  afterAll(async () => {
    await here?.close();
    await there?.close();
    await server?.stop();
  });

  const send = async (content: string, from = alice, id = conversationId): Promise<Payload> =>
    expectStatus(await from.http.call('POST', `/api/v1/conversations/${id}/messages`, { content }), 201);
  const contents = async (person = bob) => (await history(person, conversationId)).map(({ content }) => content);
  const byStandby = () => readsOf(there, { server: 'standby' });
  const byPrimary = (reason: string) => readsOf(there, { server: 'primary', reason });
  const healthOf = async () => (await bob.http.call('GET', '/health/ready')).body;

  /** Reads until the read raises this figure. */
  const untilRaised = (figure: () => Promise<number>, read: () => Promise<unknown>, what: string) =>
    until(
      async () => {
        const before = await figure();
        await read();
        return (await figure()) > before;
      },
      { what },
    );
  const untilServed = (read: () => Promise<unknown> = () => inbox(bob)) => untilRaised(byStandby, read, 'the standby to answer');
  const untilRefused = (reason: string) =>
    untilRaised(
      () => byPrimary(reason),
      () => inbox(bob),
      `the primary to answer since the standby is ${reason}`,
    );

  it('answers histories, lists, searches and sync while it is level, and nothing else', async () => {
    await send('hello');
    await there.settled();
    await here.settled();
    for (const read of [
      () => history(bob, conversationId),
      () => inbox(bob),
      () => search(bob, 'hello'),
      () => synced(bob, conversationId),
    ])
      await untilServed(read);
    expect(await contents()).toEqual(['hello']);
    expect(await search(bob, 'hello')).toHaveLength(1);
    const before = await readsOf(there, {});
    expectStatus(await bob.http.call('GET', `/api/v1/conversations/${conversationId}`), 200);
    expectStatus(await bob.http.call('GET', `/api/v1/conversations/${conversationId}/members`), 200);
    await send('hello, alice', bob);
    expect(await readsOf(there, {})).toBe(before);
    expect(await healthOf()).toMatchObject({ checks: { standby: { status: 'up' } } });
  });

  it('keeps from strangers what the primary keeps from them', async () => {
    const carol = await signUp(there.url, 'carol');
    await untilServed(async () => {
      const answer = await carol.http.call('GET', `/api/v1/conversations/${conversationId}/messages`);
      expect([answer.status, answer.body.code]).toEqual([404, 'CONVERSATION_NOT_FOUND']);
    });
    expect(await search(carol, 'hello')).toEqual([]);
    expect((await synced(carol, conversationId)).removed).toBe(true);
  });

  it('leaves reads to the primary while it is behind', async () => {
    await untilServed();
    await server.pause();
    const [at, behind] = [await byStandby(), await byPrimary('behind')];
    await send('not replayed yet');
    expect(await contents()).toContain('not replayed yet');
    expect((await inbox(bob)).find(({ id }) => id === conversationId)?.lastMessage.content).toBe('not replayed yet');
    expect((await synced(bob, conversationId)).messages.at(-1).content).toBe('not replayed yet');
    expect(await byStandby()).toBe(at);
    expect(await byPrimary('behind')).toBeGreaterThanOrEqual(behind + 3);
    await server.resume();
    await untilServed();
    expect(await contents()).toContain('not replayed yet');
  });

  it('shows nothing that is not visible at the primary yet', async () => {
    await untilServed();
    // Commits are flushed and replayed, and then wait for a standby that never comes.
    await server.onPrimary(`alter system set synchronous_standby_names = 'nobody'`);
    await server.onPrimary('select pg_reload_conf()');
    const reloaded = `select current_setting('synchronous_standby_names') as names`;
    await until(async () => (await server.onPrimary(reloaded))[0]?.['names'] === 'nobody', { what: 'the setting' });
    // Commits wait once the checkpointer has read the setting, which it does before it begins a checkpoint.
    await server.onPrimary('checkpoint');
    const sending = send('committed, and nobody sees it');
    try {
      const replayed = `select count(*)::int as rows from message where content = 'committed, and nobody sees it'`;
      // Other commits of the nodes wait as well.
      const waiting = `select count(*)::int as rows from pg_stat_activity where wait_event = 'SyncRep' and query like '%append_messages%'`;
      await until(async () => (await server.onPrimary(waiting))[0]?.['rows'] === 1, { what: 'the commit to wait' });
      await until(async () => (await server.onStandby(replayed))[0]?.['rows'] === 1, { what: 'the message on the standby' });
      await untilRefused('ahead');
      for (let read = 0; read < 3; read += 1) expect(await contents()).not.toContain('committed, and nobody sees it');
    } finally {
      await server.onPrimary('alter system reset synchronous_standby_names');
      await server.onPrimary('select pg_reload_conf()');
    }
    await sending;
    expect(await contents()).toContain('committed, and nobody sees it');
    await untilServed();
  });

  it(`never takes anybody a step back, whatever is written, paused and read at once (${numRuns} histories)`, async () => {
    console.info(`STANDBY_SEED=${seed}`);
    const at = { here: alice, there: bob };
    const before = await readsOf(there, { server: 'standby' });
    const property = fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 4, maxLength: 14 }),
      async (rounds) => {
        const { id } = await openGroup(alice, [bob]);
        const word = `word${id.replaceAll('-', '')}`;
        const shown: Shown = { message: 0, version: 0, found: 0 };
        const see = (more: Partial<Shown>) => {
          for (const key of Object.keys(more) as (keyof Shown)[]) shown[key] = Math.max(shown[key], more[key] ?? 0);
        };
        const wrote = ({ version }: Payload) => see({ message: version, version });
        // Is not searched for: between an edit and its index entry a message is not found.
        const draft = await send('a draft', alice, id);
        let edits = 0;
        const perform: Record<string, () => Promise<void>> = {
          send: async () => wrote(await send(word, alice, id)),
          async edit() {
            const content = `a draft, edited ${(edits += 1)} times`;
            wrote(expectStatus(await alice.http.call('PATCH', `/api/v1/messages/${draft['id']}`, { content }), 200));
          },
          // Without waiting for it: what else happens in this round may undo it.
          pause: async () => void (await server.onStandby('select pg_wal_replay_pause()')),
          resume: () => server.resume(),
          wait: () => here.settled(),
        };
        const play = async (each: Step): Promise<void> => {
          if ('act' in each) return perform[each.act]?.();
          const least = { ...shown };
          const found = await reads[each.read]?.(at[each.at], id, word);
          for (const [key, value] of Object.entries(found ?? {}))
            expect(value, `${key} by ${each.read}`).toBeGreaterThanOrEqual(least[key as keyof Shown]);
          see(found ?? {});
        };
        try {
          for (const round of rounds) await Promise.all(round.map(play));
        } finally {
          await server.resume();
        }
      },
    );
    await fc.assert(property, { numRuns, seed, endOnFailure: true });
    expect(await readsOf(there, { server: 'standby' }), 'reads by the standby').toBeGreaterThan(before);
  });

  it('syncs devices as the primary does, while its replay comes and goes', async () => {
    const done: Run['done'] = { commands: 0, refused: 0, connections: 0, lost: 0 };
    const before = await byStandby();
    const over = new AbortController();
    const flap = (async () => {
      for (; !over.signal.aborted; await nextTurn()) {
        await server.pause();
        await server.resume();
        await server.caughtUp();
      }
    })();
    try {
      for (const plan of fc.sample(scenario, { numRuns: Math.ceil(numRuns / 8), seed })) {
        const run = await runOf(there, plan, done);
        try {
          await run.play();
          await run.check();
        } finally {
          await run.close();
        }
      }
    } finally {
      over.abort();
      await flap;
    }
    expect(await byStandby(), 'reads by the standby').toBeGreaterThan(before);
  });

  const findings = async (readUrl: string) => {
    const found = await checkDatabase(loadConfig(environment({ database: server.database, env: { DATABASE_READ_URL: readUrl } })));
    return found.filter(({ about }) => about === 'standby');
  };

  it.each([
    ['the primary', (lineage: string) => lineage, { isStandby: true, why: undefined }],
    ['another system or timeline', () => '7000000000000000001 2 5', { isStandby: false, why: 'foreign' }],
  ] as const)('answers where it follows %s', async (_what, lineageOf, expected) => {
    const open = (url: string) => createPgPool({ url, max: 1, onConnect: RUNTIME_SESSION });
    const [primary, position, standby] = [open(server.database.url), open(server.database.url), open(server.readUrl)];
    const ask = createPositions(position);
    const positions = async () => {
      const found = await ask();
      return { ...found, lineage: lineageOf(found.lineage) };
    };
    const opened = createStandby({ primary, standby, positions, metrics: noMetrics });
    const isStandby = async () => {
      const text = 'select pg_is_in_recovery() as answer';
      const { rows } = await opened.reads.synced.use((session) => session.query<{ answer: boolean }>(text));
      return rows[0]?.answer;
    };
    try {
      await until(() => opened.resting()?.why === expected.why, { what: 'a first look at it' });
      // The nodes beside this test write as well: where it follows, it is asked once it has replayed what they wrote.
      const answered = expected.isStandby ? await until(isStandby, { what: 'an answer of the standby' }) : await isStandby();
      expect(answered).toBe(expected.isStandby);
    } finally {
      opened.stop();
      await Promise.all([primary, position, standby].map((pool) => pool.end()));
    }
  });

  it('is looked at by the doctor', async () => {
    expect(await findings(server.readUrl)).toEqual([{ status: 'ok', about: 'standby', found: 'follows the primary' }]);
    expect(await findings(server.database.url)).toMatchObject([{ status: 'warning', found: 'is no standby, or was promoted' }]);
    const nowhere = new URL(server.readUrl);
    nowhere.port = String(await freePort());
    expect(await findings(nowhere.href)).toMatchObject([
      { status: 'warning', found: expect.stringContaining('cannot be reached'), fix: 'start it, or check DATABASE_READ_URL' },
    ]);
  });

  it.each([
    ['killed', () => server.standby.kill(), () => server.standby.restart()],
    ['hung', () => server.hang(), () => server.goOn()],
  ] as const)('is not missed while it is %s, and answers again afterwards', async (word, away, back) => {
    await untilServed();
    await away();
    await send(`sent while it is ${word}`);
    expect(await contents()).toContain(`sent while it is ${word}`);
    await untilRefused('away');
    expect(await healthOf()).toMatchObject({ status: 'degraded', checks: { database: { status: 'up' }, standby: { status: 'degraded' } } });
    await back();
    await untilServed();
    expect(await contents()).toContain(`sent while it is ${word}`);
  });

  it('is not asked once it was promoted', async () => {
    await untilServed();
    await server.promote();
    await untilRefused('foreign');
    const at = await byStandby();
    await send('on the primary alone');
    expect(await contents()).toContain('on the primary alone');
    expect(await byStandby()).toBe(at);
    expect(await findings(server.readUrl)).toMatchObject([{ status: 'warning', found: 'is no standby, or was promoted' }]);
  });
});
