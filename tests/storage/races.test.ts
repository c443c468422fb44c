import { refresh } from '@coucou/application/auth/refresh';
import { signup } from '@coucou/application/auth/signup';
import { addMembers } from '@coucou/application/conversations/add-members';
import { createConversation } from '@coucou/application/conversations/create-conversation';
import { joinConversation } from '@coucou/application/conversations/join-conversation';
import { leaveConversation } from '@coucou/application/conversations/leave-conversation';
import { removeMember } from '@coucou/application/conversations/remove-member';
import { sendMessage } from '@coucou/application/messages/send-message';
import { sync } from '@coucou/application/sync/sync';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { createPeople, range } from '../support/fixtures.ts';
import { openTestApp, type TestApp } from '../support/test-app.ts';
import { anonymous, as } from '../use-cases/calls.ts';

/** What only a database with many connections can show; two nodes share it. */
let database: Database;
let nodes: readonly [TestApp, TestApp];
beforeAll(async () => {
  database = await createDatabase();
  nodes = [await openTestApp({ database }), await openTestApp({ database })];
});
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await database.drop();
});

const [one, other] = [() => nodes[0], () => nodes[1]];
const either = (i: number): TestApp => (i % 2 === 0 ? one() : other());

const codes = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.map((result) => (result.status === 'fulfilled' ? 'done' : (result.reason as { code: string }).code)).toSorted();

const openGroup = async (account: AccountId, by: UserId, memberIds: UserId[]): Promise<ConversationId> =>
  (await one().run(createConversation, { type: 'group', title: 'Holidays', memberIds }, as(account, by))).view.conversation.id;

describe('on two nodes at once', () => {
  it('twenty uses of a refresh token get one successor', async () => {
    const account = await one().account();
    const input = { username: 'alice', email: 'alice@example.com', password: 'correct horse battery' };
    const { refreshToken } = await one().run(signup, input, anonymous(account));
    const uses = await Promise.all(range(1, 20).map((i) => either(i).run(refresh, { refreshToken }, anonymous(account))));
    expect(uses.map((use) => use.refresh).toSorted()).toEqual([...range(1, 19).map(() => 'recovered'), 'rotated']);
    const [successor, ...others] = new Set(uses.map((use) => use.refreshToken));
    expect(others).toEqual([]);
    await expect(other().run(refresh, { refreshToken: successor ?? '' }, anonymous(account))).resolves.toMatchObject({
      user: { username: 'alice' },
    });
  });

  it('one of many sign-ups gets the name', async () => {
    const account = await one().account();
    const signUp = (i: number) =>
      either(i).run(signup, { username: 'alice', email: `alice${i}@example.com`, password: 'correct horse battery' }, anonymous(account));
    expect(codes(await Promise.allSettled(range(1, 8).map(signUp)))).toEqual([...range(1, 7).map(() => 'USERNAME_TAKEN'), 'done']);
  });

  it('two people open one direct conversation', async () => {
    const { account, alice, bob } = await createPeople(one().uow, 'alice', 'bob');
    const open = (i: number) =>
      either(i).run(createConversation, { type: 'direct', userId: i % 2 === 0 ? bob : alice }, as(account, i % 2 === 0 ? alice : bob));
    const opened = await Promise.all(range(1, 20).map(open));
    expect(new Set(opened.map(({ view }) => view.conversation.id)).size).toBe(1);
    expect(opened.filter(({ created }) => created)).toHaveLength(1);
  });

  it('one person is taken in once, however many take them in', async () => {
    const { account, alice, bob } = await createPeople(one().uow, 'alice', 'bob');
    const conversationId = await openGroup(account, alice, []);
    const adding = range(1, 10).map((i) => either(i).run(addMembers, { conversationId, userIds: [bob] }, as(account, alice)));
    expect(codes(await Promise.allSettled(adding))).toEqual([...range(1, 9).map(() => 'ALREADY_MEMBER'), 'done']);
  });

  it('one departure is one, by leaving or by being removed', async () => {
    const { account, alice, bob, carol } = await createPeople(one().uow, 'alice', 'bob', 'carol');
    const conversationId = await openGroup(account, alice, [bob, carol]);
    const departures = await Promise.allSettled([
      one().run(leaveConversation, { conversationId }, as(account, bob)),
      other().run(removeMember, { conversationId, userId: bob }, as(account, alice)),
    ]);
    expect(codes(departures).filter((code) => code === 'done')).toHaveLength(1);
    const page = await one().run(sync, { conversations: { [conversationId]: { version: 1 } }, limit: 10 }, as(account, carol));
    expect(page.conversations).toMatchObject([{ version: 2, conversation: { memberCount: 2 } }]);
  });

  it('nobody is kept from posting by others who come and go', async () => {
    const { account, alice, bob, carol } = await createPeople(one().uow, 'alice', 'bob', 'carol');
    const group = { type: 'group', title: 'Holidays', visibility: 'public' } as const;
    const { view } = await one().run(createConversation, group, as(account, alice));
    const conversationId = view.conversation.id;
    const posting = new AbortController();
    const comeAndGo = async (app: TestApp, userId: UserId) => {
      while (!posting.signal.aborted) {
        await app.run(joinConversation, { conversationId }, as(account, userId));
        await app.run(leaveConversation, { conversationId }, as(account, userId));
      }
    };
    const restless = [comeAndGo(one(), bob), comeAndGo(other(), carol)];
    const sends: PromiseSettledResult<unknown>[] = [];
    for (let i = 0; i < 12; i += 1) {
      const input = { conversationId, type: 'text', content: `${i}` } as const;
      sends.push(...(await Promise.allSettled([either(i).run(sendMessage, input, as(account, alice))])));
    }
    posting.abort();
    await Promise.all(restless);
    expect(codes(sends)).toEqual(range(1, 12).map(() => 'done'));
  });

  it('messages and changes of members share one row of versions without a gap', async () => {
    const { account, alice, bob, carol, dan } = await createPeople(one().uow, 'alice', 'bob', 'carol', 'dan');
    const conversationId = await openGroup(account, alice, [bob]);
    const sends = range(1, 60).map((i) =>
      either(i).run(sendMessage, { conversationId, type: 'text', content: `${i}` }, as(account, i % 3 === 0 ? bob : alice)),
    );
    const changes = [carol, dan].map((userId, i) => either(i).run(addMembers, { conversationId, userIds: [userId] }, as(account, alice)));
    const done = await Promise.allSettled([...sends, ...changes]);
    expect(new Set(codes(done))).toEqual(new Set(['done']));
    const page = await one().run(sync, { conversations: { [conversationId]: { version: 1 } }, limit: 100 }, as(account, bob));
    const [changesOfAll] = page.conversations;
    if (changesOfAll === undefined || changesOfAll.removed) throw new Error('no answer');
    const versions = [
      ...changesOfAll.messages.map((message) => message.version),
      ...changesOfAll.members.map(({ member }) => member.version),
    ];
    expect(versions.toSorted((a, b) => a - b)).toEqual(range(2, 63));
    expect(changesOfAll.messages.map((message) => message.seq).toSorted((a, b) => a - b)).toEqual(range(1, 60));
  });
});
