import { jobs } from '@coucou/server/admin/jobs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

const run = async (...args: string[]): Promise<string> => {
  const printed: string[] = [];
  await jobs.prepare(args)({ ports: app.container, print: (line) => printed.push(line) });
  return printed.join('\n');
};

/** A group of somebody and bob, whose notification of it is given up: the id of the event. */
async function giveUp(account = app.operator().account) {
  const [alice, bob] = [await app.person('alice', account), await app.person('bob', account)];
  await alice.call('conversations.create', { type: 'group', title: 'A group', memberIds: [bob.id] });
  const worker = app.storage.outbox.worker(['conversation.created']);
  const { events } = await worker.claim(10);
  await worker.failed(events.map(({ event }) => ({ event, reason: 'Error: not\ntoday', retryInMs: undefined, counts: true })));
  await worker.close();
  const notified = async () => (await bob.call('notifications.list')).items.length;
  return { id: String(events[0]?.event.id), notified };
}

describe('what was given up', () => {
  it('is listed in a line each, and shown with all that is known', async () => {
    const { id } = await giveUp();
    expect(await run('list')).toMatch(new RegExp(`^${id}  \\S+Z  conversation\\.created  1 attempts  Error: not today$`));
    expect(JSON.parse(await run('show', id))).toMatchObject({ id, type: 'conversation.created', attempts: 1, error: 'Error: not\ntoday' });
    for (const action of [['list'], ['show', id]])
      expect(JSON.parse(await run(...action, '--json'))).toMatchObject({
        id,
        type: 'conversation.created',
        attempts: 1,
        diedAt: expect.any(String),
      });
    const other = await giveUp();
    expect(await run('list', '--limit', '1')).toMatch(new RegExp(`^${other.id} .*\\nThere may be more: --limit 2$`));
    expect(await run('list', '--account', 'default')).toContain(id);
    expect(await run('drop', '--all')).toBe('2 side effects dropped.');
    expect(await run('list')).toBe('Nothing was given up.');
  });

  it('is counted by type, beside what is due and what runs', async () => {
    expect(await run('status')).toBe('Nothing is due, and nothing was given up.');
    await giveUp();
    await (await app.person('carol')).call('conversations.create', { type: 'group', title: 'Another', memberIds: [] });
    expect(await run('status')).toMatch(
      /^conversation\.created {2}1 due {2}0 claimed {2}0 running {2}0 later {2}1 given up {2}oldest \d+ s$/,
    );
    expect(JSON.parse(await run('status', '--json'))).toMatchObject({
      type: 'conversation.created',
      due: 1,
      queued: 0,
      running: 0,
      later: 0,
      dead: 1,
    });
    await app.sql(
      `insert into outbox (account_id, id, type, payload, stored_by, claimed_by, running_since, progress)
       select current_setting('app.account_id')::uuid, gen_random_uuid(), 'test.running', '{}', null, gen_random_uuid(), now(), share
       from unnest(array[0.3, 0.555, null]::real[]) share`,
    );
    expect(await run('status')).toMatch(/^test\.running {2}0 due {2}0 claimed {2}3 running \(42 %\) {2}0 later/m);
    await app.sql(`delete from outbox where type = 'test.running'`);
    expect(await run('drop', '--all')).toBe('1 side effect dropped.');
    await app.settled();
  });

  it('happens after all when it is tried again', async () => {
    const { id, notified } = await giveUp();
    await app.settled();
    expect(await notified()).toBe(0);
    expect(await run('retry', id)).toBe('1 side effect will be tried again.');
    await app.settled();
    expect(await notified()).toBe(1);
    expect(await run('retry', id)).toBe('0 side effects will be tried again.');
  });

  it('is retried and dropped by account', async () => {
    const [here, there] = [await giveUp(), await giveUp(await app.account())];
    expect(await run('drop', '--all', '--account', 'default')).toBe('1 side effect dropped.');
    expect(await run('show', here.id)).toBe('Nothing was given up.');
    expect(await run('retry', '--all')).toBe('1 side effect will be tried again.');
    await app.settled();
    expect([await here.notified(), await there.notified()]).toEqual([0, 1]);
    const entries = await app.sql(
      `select actor_kind, target_type, details from audit_entry where action = 'dead_letters_dropped' order by at desc, id desc limit 1`,
    );
    expect(entries).toEqual([{ actor_kind: 'operator', target_type: 'account', details: { count: 1 } }]);
  });

  it.each([
    [[], 'give one of status, list, show, retry, drop'],
    [['lst'], 'give one of status, list, show, retry, drop'],
    [['list', 'x'], 'takes no event ids; use `jobs show'],
    [['list', '--limit', '0'], '--limit must be'],
    [['show', '--all'], /^give the ids$/],
    [['retry', '--all', '--json'], '--json is for'],
    [['retry'], 'give the ids, or --all instead'],
    [['drop', '01234567-89ab-7def-8123-456789abcdef', '--all'], 'give the ids, or --all instead'],
    [['drop', 'everything'], '"everything" is no id'],
  ])('is left alone by %j', (args, fault) => {
    expect(() => jobs.prepare(args)).toThrow(fault);
  });
});
