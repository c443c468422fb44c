import type { ConversationId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite } from './engines.ts';
import { askSync } from './sync-client.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createGroup, createUsers, createPeople, range } from '../support/fixtures.ts';

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
