import { randomUUID } from 'node:crypto';
import type { ChatError } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Calling, openTestApp, type TestApp } from '../../support/test-app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  for (const { id } of (await byKey().call('admin.listDeadLetters', { limit: 100 })).items)
    await byKey().call('admin.dropDeadLetter', { deadLetterId: id });
});

const byKey = (account?: AccountId) => app.byKey(['jobs:read', 'jobs:write'], account);

/** A group of somebody and bob, whose notification of it is given up: the id of the event. */
async function giveUp(reason: string, account = app.operator().account) {
  const [alice, bob] = [await app.person('alice', account), await app.person('bob', account)];
  await alice.call('conversations.create', { type: 'group', title: 'A group', memberIds: [bob.id] });
  const worker = app.storage.outbox.worker(['conversation.created']);
  const { events } = await worker.claim(10);
  await worker.failed(events.map(({ event }) => ({ event, reason, retryInMs: undefined, counts: true })));
  await worker.close();
  const notified = async () => (await bob.call('notifications.list')).items.length;
  return { id: String(events[0]?.event.id), notified, bob };
}

const refusal = (call: Promise<unknown>) =>
  call.then(
    () => 'no refusal',
    ({ code }: ChatError) => code,
  );

describe('dead letters of an account', () => {
  it('are listed in pages, the newest first, with a reason that gives nothing away', async () => {
    const [one, two, three] = [
      await giveUp('SERVICE_UNAVAILABLE: The service is not available; try again.'),
      await giveUp('Error: connect ECONNREFUSED 10.1.2.3:5432'),
      await giveUp('JOB_UNREADABLE: What was stored cannot be read.'),
    ];
    const admin = await app.person('carol', undefined, 'admin');
    const first = await admin.call('admin.listDeadLetters', { limit: 2 });
    const rest = await admin.call('admin.listDeadLetters', { limit: 2, cursor: first.nextCursor });
    const items = [...first.items, ...rest.items];
    expect(items.map(({ id }) => id)).toEqual([three.id, two.id, one.id]);
    expect(rest.nextCursor).toBeNull();
    expect(items.map(({ reason }) => reason.code)).toEqual(['JOB_UNREADABLE', 'INTERNAL', 'SERVICE_UNAVAILABLE']);
    expect(JSON.stringify(items)).not.toContain('10.1.2.3');
    expect(await admin.call('admin.getDeadLetter', { deadLetterId: two.id })).toMatchObject({
      id: two.id,
      type: 'conversation.created',
      attempts: 1,
      payload: expect.objectContaining({ conversationId: expect.any(String) }),
    });
  });

  it('happen after all when they are tried again, and never when they are dropped; both are in the audit log', async () => {
    const [again, gone] = [await giveUp('Error: no'), await giveUp('Error: no')];
    const owner = await app.person('dan', undefined, 'owner');
    await owner.call('admin.retryDeadLetter', { deadLetterId: again.id });
    await owner.call('admin.dropDeadLetter', { deadLetterId: gone.id });
    await app.settled();
    expect([await again.notified(), await gone.notified()]).toEqual([1, 0]);
    for (const operation of ['get', 'retry', 'drop'])
      expect(await refusal(owner.call(`admin.${operation}DeadLetter`, { deadLetterId: again.id }))).toBe('DEAD_LETTER_NOT_FOUND');
    const { items } = await owner.call('admin.listAuditLogs', { limit: 2 });
    expect(items).toMatchObject([
      { action: 'dead_letter_dropped', target: { type: 'deadLetter', id: gone.id }, details: { type: 'conversation.created' } },
      { action: 'dead_letter_retried', target: { type: 'deadLetter', id: again.id } },
    ]);
  });

  it('are an event only once it was given up', async () => {
    const [alice, bob] = [await app.person('alice'), await app.person('bob')];
    await alice.call('conversations.create', { type: 'group', title: 'A group', memberIds: [bob.id] });
    const worker = app.storage.outbox.worker(['conversation.created']);
    const { events } = await worker.claim(10);
    const deadLetterId = events[0]?.event.id;
    for (const operation of ['get', 'retry', 'drop'])
      expect(await refusal(byKey().call(`admin.${operation}DeadLetter`, { deadLetterId }))).toBe('DEAD_LETTER_NOT_FOUND');
    await worker.close();
    await app.settled();
  });

  it('are nobody’s but the account’s, and no matter of its members', async () => {
    const other = await app.account();
    const there = await giveUp('Error: no', other);
    const owner = await app.person('erin', undefined, 'owner');
    expect((await owner.call('admin.listDeadLetters')).items).toEqual([]);
    for (const operation of ['get', 'retry', 'drop']) {
      expect(await refusal(owner.call(`admin.${operation}DeadLetter`, { deadLetterId: there.id }))).toBe('DEAD_LETTER_NOT_FOUND');
      expect(await refusal(there.bob.call(`admin.${operation}DeadLetter`, { deadLetterId: there.id }))).toBe('FORBIDDEN');
    }
    expect((await byKey(other).call('admin.listDeadLetters')).items).toHaveLength(1);
  });

  it('take a scope of an API key', async () => {
    const { id } = await giveUp('Error: no');
    const decide = (by: Calling) => refusal(by.call('admin.retryDeadLetter', { deadLetterId: id }));
    expect((await app.byKey(['jobs:read']).call('admin.listDeadLetters')).items).toHaveLength(1);
    expect(await decide(app.byKey(['jobs:read']))).toBe('FORBIDDEN');
    expect(await decide(app.byKey(['jobs:write']))).toBe('no refusal');
    expect(await decide(app.byKey(['jobs:write']))).toBe('DEAD_LETTER_NOT_FOUND');
    await app.settled();
  });

  it('are named by ids', async () => {
    const call = (deadLetterId: string) => refusal(byKey().call('admin.getDeadLetter', { deadLetterId }));
    expect(await call('x'.repeat(10_000))).toBe('VALIDATION_FAILED');
    expect(await call(randomUUID())).toBe('DEAD_LETTER_NOT_FOUND');
  });
});
