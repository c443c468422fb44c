import type { SyncPage } from '@coucou/application/sync/sync';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite } from './engines.ts';
import { askSync, SyncClient } from './sync-client.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createGroup, createUsers, createPeople, range, sendAll, sending } from '../support/fixtures.ts';

let storage: TestStorage;
beforeAll(async () => {
  storage = storageOn(await openPglite());
});
afterAll(() => storage.close());

describe('how much sync answers', () => {
  it('lists the heads of all that was not named, in pages', async () => {
    const { account, alice, bob } = await createPeople(storage.uow, 'alice', 'bob');
    const groups: ConversationId[] = [];
    const rows = range(1, limits.sync.heads + 2);
    for (const _ of rows) groups.push(await createGroup(storage.uow, account, [alice]));
    const [named] = groups as [ConversationId];
    const sync = (headsCursor?: string) =>
      askSync(storage.syncReader, account, alice, { conversations: [{ id: named, version: 1 }], limit: 10, headsCursor });
    const first = await sync();
    const second = await sync(first.headsCursor);
    expect([first.heads.length, second.heads.length, second.headsCursor]).toEqual([limits.sync.heads, 1, undefined]);
    const listed = [...first.heads, ...second.heads];
    expect(listed.map(([id]) => id)).toEqual(groups.slice(1).toSorted());
    expect(listed.every(([, version, receiptsVersion]) => version === 1 && receiptsVersion === 0)).toBe(true);
    expect((await askSync(storage.syncReader, account, bob, { conversations: [], limit: 10 })).heads).toEqual([]);
    await expect(sync('nonsense')).rejects.toMatchObject({ code: 'CURSOR_INVALID' });
  });

  /** Groups of as many as are listed, whose newest message everybody has read. */
  async function crowds(count: number) {
    const { account, alice } = await createPeople(storage.uow, 'alice');
    const people = await createUsers(
      storage.uow,
      account,
      range(1, limits.sync.inlineMembers - 1).map((i) => `p${i}`),
    );
    const groups: ConversationId[] = [];
    for (const _ of range(1, count)) groups.push(await createGroup(storage.uow, account, [alice, ...people]));
    await sendAll(
      storage.log,
      groups.map((conversationId) => sending({ accountId: account, conversationId, senderId: alice })),
    );
    await storage.ask('coucou_app', account, 'update member set receipts_at = 1, delivered_seq = 1, read_seq = 1');
    await storage.ask('coucou_app', account, 'update conversation_head set receipts_version = 1');
    return { account, alice, groups };
  }

  const rowsIn = (page: SyncPage): number =>
    page.conversations.reduce(
      (all, each) => all + (each.removed ? 0 : each.messages.length + each.members.length + each.receipts.length),
      0,
    );

  it('is no more of all kinds of rows than was asked for, or one window, and comes to the end', async () => {
    const { account, alice, groups } = await crowds(4);
    const client = new SyncClient(storage.syncReader, account, alice);
    const windows = await askSync(storage.syncReader, account, alice, {
      conversations: groups.map((id) => ({ id, version: undefined })),
      limit: 200,
    });
    // A message, and everybody with their marks; of the others it is said that they are still to come.
    expect(rowsIn(windows)).toBe(1 + 2 * limits.sync.inlineMembers);
    expect(windows.conversations.map((each) => !each.removed && [each.version, each.reset, each.hasMore])).toEqual([
      [2, true, false],
      [0, true, true],
      [0, true, true],
      [0, true, true],
    ]);
    await client.sync(groups, 200);
    expect(groups.map((id) => [client.copies.get(id)?.version, client.copies.get(id)?.members.size])).toEqual(
      groups.map(() => [2, limits.sync.inlineMembers]),
    );

    // All marks have moved since, in every group.
    const held = groups.map((id) => ({ id, version: 2, receiptsVersion: 0 }));
    const moved = await askSync(storage.syncReader, account, alice, { conversations: held, limit: 500 });
    expect(moved.conversations.map((each) => !each.removed && [each.receipts.length, each.receiptsVersion, each.hasMore])).toEqual([
      [200, 1, false],
      [200, 1, false],
      [0, 0, true],
      [0, 0, true],
    ]);
    const versions = { version: 2, receiptsVersion: undefined };
    const unasked = await askSync(storage.syncReader, account, alice, {
      conversations: groups.map((id) => ({ id, ...versions })),
      limit: 1,
    });
    expect([rowsIn(unasked), unasked.conversations.some((each) => !each.removed && each.hasMore)]).toEqual([0, false]);
  });

  it('has an end in bytes as well, whatever people write', async () => {
    const { account, alice } = await createPeople(storage.uow, 'alice');
    const groups = [await createGroup(storage.uow, account, [alice]), await createGroup(storage.uow, account, [alice])];
    const text = 'x'.repeat(8_000);
    for (const conversationId of groups)
      await sendAll(
        storage.log,
        range(1, 45).map(() => sending({ accountId: account, conversationId, senderId: alice, data: { text } })),
      );
    const conversations = groups.map((id) => ({ id, version: 1, receiptsVersion: 0 }));
    const page = await askSync(storage.syncReader, account, alice, { conversations, limit: 1000 });
    const counts = page.conversations.map((changes) => (changes.removed ? 0 : changes.messages.length));
    expect(counts[0]).toBe(45);
    expect(counts[1]).toBeLessThan(45);
    expect(JSON.stringify(page).length).toBeLessThan(1.3 * limits.sync.bytes);
    const client = new SyncClient(storage.syncReader, account, alice);
    await client.sync(groups, 1000);
    expect([...client.copies.values()].map((copy) => copy.messages.size)).toEqual([45, 45]);
  });

  it('lists members up to a number; those of larger groups have an operation of their own', async () => {
    const { account, alice } = await createPeople(storage.uow, 'alice');
    const people = await createUsers(
      storage.uow,
      account,
      range(1, limits.sync.inlineMembers).map((i) => `p${i}`),
    );
    const fits = await createGroup(storage.uow, account, [alice, ...people.slice(1)]);
    const tooLarge = await createGroup(storage.uow, account, [alice, ...people]);
    const conversations = [fits, tooLarge].map((id) => ({ id, version: undefined }));
    const page = await askSync(storage.syncReader, account, alice, { conversations, limit: 1000 });
    expect(page.conversations.map((changes) => !changes.removed && [changes.members.length, changes.conversation.memberCount])).toEqual([
      [limits.sync.inlineMembers, limits.sync.inlineMembers],
      [0, limits.sync.inlineMembers + 1],
    ]);
  });
});
