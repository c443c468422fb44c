import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engines } from './engines.ts';
import { groupIn, statuses } from './message-log-group.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { admit, createGroup, createUsers, createPeople, expectStored, ids, range, remove, sendAll, sending } from '../support/fixtures.ts';

describe.each(engines)('the log of messages on %s', (_engine, open) => {
  let storage: TestStorage;
  beforeAll(async () => {
    storage = storageOn(await open());
  });
  afterAll(() => storage.close());

  const group = () => groupIn(storage);

  describe('a message', () => {
    it('is stored as it was decided, with the next number and the next version', async () => {
      const { from } = await group();
      const request = sending({ ...from, type: 'custom', content: 'a caption', data: { pins: [{ x: 1, y: 'two' }] } });
      const first = await storage.log.append(request);
      const { accessVersion: _, countable: __, slowable: ___, ...message } = request.draft;
      expect(first).toMatchObject({ status: 'stored', accessVersion: 1, message: { ...message, seq: 1, version: 2 } });
      expect(expectStored(await storage.log.append(sending(from)))).toMatchObject({ seq: 2, version: 3 });
      const page = await storage.messageReader.history(from.accountId, from.senderId, from.conversationId, { limit: 10 });
      expect(page?.items[0]).toEqual(expectStored(first));
    });

    it.each(['\ufeffbegins with U+FEFF', 'quote \' " \\ and $1', 'emoji 👩‍👩‍👧 and عربى', ' \u2028spaces\u00a0 ', '{"json": [1]}', '\t\n'])(
      'keeps the text %j',
      async (content) => {
        const { from } = await group();
        await storage.log.append(sending({ ...from, content }));
        const page = await storage.messageReader.history(from.accountId, from.senderId, from.conversationId, { limit: 1 });
        expect(page?.items.map((message) => message.content)).toEqual([content]);
      },
    );
  });

  describe('a decision', () => {
    it('that rests on another access version is stale', async () => {
      const { from, account, conversationId, alice, dan } = await group();
      expect(await storage.log.append(sending({ ...from, accessVersion: 2 }))).toEqual({ status: 'stale' });
      await admit(storage.uow, account, conversationId, alice, [dan]);
      expect(await storage.log.append(sending({ ...from, accessVersion: 1 }))).toEqual({ status: 'stale' });
      expect(expectStored(await storage.log.append(sending({ ...from, accessVersion: 2 })))).toMatchObject({ seq: 1, version: 3 });
    });

    it('that rests on a seat outlives what changes about others, and nothing that changes about the sender', async () => {
      const { from, account, conversationId, alice, bob, dan } = await group();
      const member = { role: 'member', announces: false } as const;
      const post = async (more: Partial<Parameters<typeof sending>[0]> = {}) =>
        (await storage.log.append(sending({ ...from, senderId: bob, seat: member, ...more }))).status;
      const change = (text: string) => storage.ask('coucou_app', account, text, [conversationId]);
      await admit(storage.uow, account, conversationId, alice, [dan]);
      expect(await post()).toBe('stored');
      expect(await post({ seat: { ...member, role: 'moderator' } })).toBe('stale');

      await change(`update conversation set settings = settings || '{"announcementsOnly": true}' where id = $1`);
      expect(await post()).toBe('stale');
      expect(await post({ senderId: alice, seat: { role: 'owner', announces: true } })).toBe('stored');
      await change(`update conversation set settings = settings || '{"announcementsOnly": false}' where id = $1`);
      expect(await post()).toBe('stored');
      await change(`update member set posting_muted_until = now() + interval '1 hour' where conversation_id = $1`);
      expect(await post()).toBe('stale');
      await change(`update member set posting_muted_until = null where conversation_id = $1`);
      await remove(storage.uow, account, conversationId, alice, bob);
      expect(await post()).toBe('stale');
    });

    it('is told as of what it was stored under, even when the commit went unheard', async () => {
      const { from, account, conversationId, alice, carol } = await group();
      await remove(storage.uow, account, conversationId, alice, carol);
      let cuts = 0;
      const log = storage.createLog({
        pool: {
          end: () => storage.logPool.end(),
          async use(work) {
            const answer = await storage.logPool.use(work);
            if (cuts++ === 0) throw Object.assign(new Error('the connection is gone'), { code: 'ECONNRESET' });
            return answer;
          },
        },
      });
      const before = sending({ ...from, accessVersion: 1, seat: { role: 'owner', announces: true } });
      expect(await log.append(before)).toMatchObject({ status: 'stored', accessVersion: 2, message: { seq: 1 } });
      expect(cuts).toBe(2);
    });

    it('for a stranger, someone removed or a conversation that is not there is stale', async () => {
      const { from, account, conversationId, alice, bob, dan, stored } = await group();
      await remove(storage.uow, account, conversationId, alice, bob);
      const now = { ...from, accessVersion: 2 };
      const results = await sendAll(storage.log, [
        sending({ ...now, senderId: dan }),
        sending({ ...now, senderId: bob }),
        sending({ ...now, conversationId: ids.next() }),
      ]);
      expect(statuses(results)).toEqual(['stale', 'stale', 'stale']);
      expect(await stored()).toEqual([]);
    });

    it('for someone muted is stale until the mute is over', async () => {
      const { from, account, bob, carol } = await group();
      const mute = (userId: string, until: string) =>
        storage.ask('coucou_app', account, `update member set posting_muted_until = clock_timestamp() ${until} where user_id = $1`, [
          userId,
        ]);
      await mute(bob, "+ interval '1 hour'");
      await mute(carol, "- interval '1 second'");
      const results = await sendAll(
        storage.log,
        [bob, carol].map((senderId) => sending({ ...from, senderId })),
      );
      expect(statuses(results)).toEqual(['stale', 'stored']);
    });

    it('that is refused takes no number from its mates', async () => {
      const { from, dan, stored } = await group();
      const strangers = range(1, 10).map((i) => sending({ ...from, ...(i % 2 === 0 && { senderId: dan }) }));
      const results = await sendAll(storage.log, strangers);
      expect(statuses(results)).toEqual(range(1, 10).map((i) => (i % 2 === 0 ? 'stale' : 'stored')));
      expect((await stored()).map((row) => [row.seq, row.version])).toEqual(range(1, 5).map((n) => [n, n + 1]));
    });
  });

  describe('the order', () => {
    it('has no gap and no double after 500 sends at once, and answers in it', async () => {
      const { from, alice, bob, carol, stored } = await group();
      const answered: number[] = [];
      const people = [alice, bob, carol] as const;
      const results = await Promise.all(
        range(0, 499).map(async (i) => {
          const message = expectStored(await storage.log.append(sending({ ...from, senderId: people[i % 3] ?? alice, content: `${i}` })));
          answered.push(message.seq);
          return message;
        }),
      );
      const rows = await stored();
      expect(rows.map((row) => row.seq)).toEqual(range(1, 500));
      expect(rows.map((row) => row.version)).toEqual(range(2, 501));
      expect(answered).toEqual(range(1, 500));
      // Calls of one process take effect in the order they were made in.
      expect(results.map((message) => message.seq)).toEqual(range(1, 500));
      expect(rows.map((row) => row.id)).toEqual(results.map((message) => message.id));
      const times = rows.map((row) => row.created_at.getTime());
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times).toEqual(results.map((message) => message.createdAt.getTime()));
    });

    it('never goes back in time, even when the clock does', async () => {
      const { from, account, conversationId } = await group();
      await storage.log.append(sending(from));
      const ahead =
        "update conversation_head set active_at = date_trunc('milliseconds', now() + interval '1 day') where conversation_id = $1 returning active_at";
      const [row] = await storage.ask<{ active_at: Date }>('coucou_app', account, ahead, [conversationId]);
      const next = expectStored(await storage.log.append(sending(from)));
      expect(next.createdAt).toEqual(row?.active_at);
    });
  });

  describe('a batch', () => {
    it('of two accounts keeps them apart, even when every id in it is the same', async () => {
      const here = await group();
      const there = await createPeople(storage.uow);
      await createUsers(storage.uow, there.account, ['alice', 'bob'], [here.alice, here.bob]);
      await createGroup(storage.uow, there.account, [here.alice, here.bob], { id: here.conversationId });
      const log = storage.createLog({ lanes: 1 });
      await log.append(sending(here.from));
      const request = sending(here.from);
      const elsewhere = sending({ ...request.draft, accountId: there.account, content: 'elsewhere' });
      const results = await sendAll(log, [request, elsewhere, sending({ ...here.from, accountId: there.account, senderId: here.carol })]);
      expect(statuses(results)).toEqual(['stored', 'stored', 'stale']);
      expect(
        results
          .slice(0, 2)
          .map(expectStored)
          .map((message) => [message.accountId, message.seq, message.content]),
      ).toEqual([
        [here.account, 2, 'hello'],
        [there.account, 1, 'elsewhere'],
      ]);
      const contents = async (account: typeof here.account) =>
        (await storage.messageReader.history(account, here.alice, here.conversationId, { limit: 10 }))?.items.map(
          (message) => message.content,
        );
      expect(await contents(here.account)).toEqual(['hello', 'hello']);
      expect(await contents(there.account)).toEqual(['elsewhere']);
    });

    it.each([
      ['a NUL', { content: 'a\u0000b' }, { code: 'VALIDATION_FAILED' }],
      ['half a surrogate pair', { content: 'a\ud800b' }, { code: '22P02' }],
      ['an id that is none', { id: 'nonsense' }, { code: '22P02' }],
      ['a type that a constraint forbids', { type: 'nonsense' }, { code: '23514' }],
    ])('loses nothing but the message with %s', async (_, wrong, error) => {
      const { from, stored } = await group();
      const log = storage.createLog({ lanes: 1 });
      const requests = range(0, 6).map((i) => sending({ ...from, ...(i === 4 && (wrong as object)) }));
      const results = await Promise.allSettled(requests.map((request) => log.append(request)));
      expect(results.map((result) => (result.status === 'fulfilled' ? result.value.status : 'failed'))).toEqual(
        range(0, 6).map((i) => (i === 4 ? 'failed' : 'stored')),
      );
      expect(results[4]).toMatchObject({ status: 'rejected', reason: error });
      expect((await stored()).map((row) => row.seq)).toEqual(range(1, 6));
    });

    it('inside a unit of work is refused', async () => {
      const { from, account } = await group();
      const nested = storage.uow.write(account, () => storage.log.append(sending(from)));
      await expect(nested).rejects.toThrow(/inside a unit of work/);
    });

    it('says once how long the next one waited for it', async () => {
      const { account: accountId, alice: senderId } = await createPeople(storage.uow, 'alice');
      const conversationId = await createGroup(storage.uow, accountId, [senderId]);
      const log = storage.createLog({ batchSize: 1 });
      await sendAll(
        log,
        range(1, 3).map(() => sending({ accountId, conversationId, senderId })),
      );
      expect(log.takeLongestWaitMs()).toBeGreaterThan(0);
      expect(log.takeLongestWaitMs()).toBe(0);
    });

    it('has a bounded queue before it', async () => {
      const { from, stored } = await group();
      const log = storage.createLog({ lanes: 1, queueLimit: 5 });
      const results = await Promise.allSettled(range(1, 8).map(() => log.append(sending(from))));
      expect(results.map((result) => result.status)).toEqual(range(1, 8).map((i) => (i <= 5 ? 'fulfilled' : 'rejected')));
      expect(results[5]).toMatchObject({ reason: { code: 'OVERLOADED', kind: 'unavailable' } });
      expect(statuses([await log.append(sending(from))])).toEqual(['stored']);
      expect((await stored()).map((row) => row.seq)).toEqual(range(1, 6));
    });
  });
});
