import { conversationCreated, memberLeft } from '@coucou/application/conversations/conversation-events';
import { Conversation } from '@coucou/domain/conversations/conversation';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { engines, openOwnPostgres } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createAccount, createGroup, createUsers, createPeople, ids } from '../support/fixtures.ts';

const newUser = (accountId: AccountId, username = `alice-${ids.next()}`) =>
  User.signUp({ accountId, id: ids.next(), username, email: `${ids.next()}@example.com`, displayName: undefined, now: new Date() });

describe.each(engines)('the unit of work on %s', (_engine, open) => {
  let storage: TestStorage;
  beforeAll(async () => {
    storage = storageOn(await open());
  });
  afterAll(() => storage.close());
  beforeEach(() => {
    storage.published.length = 0;
  });

  const isThere = async (account: AccountId, id: UserId) => (await storage.uow.read(account, (tx) => tx.users.lookup(id))) !== undefined;
  const outboxOf = (account: AccountId) =>
    storage.ask<{ type: string; payload: object }>('coucou_system', account, 'select type, payload from outbox where account_id = $1', [
      account,
    ]);

  function created(account: AccountId, createdBy: UserId) {
    const admission = Conversation.createGroup({
      accountId: account,
      id: ids.next(),
      createdBy,
      now: new Date(),
      title: 'A group',
      visibility: 'private',
      memberIds: [],
    });
    return conversationCreated({ ...admission, users: [] });
  }

  describe('a unit of work', () => {
    it('is done as a whole', async () => {
      const account = await createAccount(storage.uow);
      const users = [newUser(account), newUser(account)] as const;
      const result = await storage.uow.write(account, async (tx) => {
        for (const user of users) await tx.users.add(user, 'no hash');
        return 'done';
      });
      expect(result).toBe('done');
      expect(await storage.uow.read(account, (tx) => tx.users.lookup(users[1].id))).toEqual(users[1]);
    });

    it('is undone as a whole, whether the work or the database refuses', async () => {
      const account = await createAccount(storage.uow);
      const [one, other] = [newUser(account), newUser(account)];
      const refused = storage.uow.write(account, async (tx) => {
        await tx.users.add(one, 'no hash');
        throw new Error('changed my mind');
      });
      await expect(refused).rejects.toThrow('changed my mind');
      const violated = storage.uow.write(account, async (tx) => {
        await tx.users.add(other, 'no hash');
        await tx.users.add({ ...other, email: undefined, username: `other-${other.username}` }, 'no hash');
      });
      await expect(violated).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await Promise.all([one, other].map((user) => isThere(account, user.id)))).toEqual([false, false]);
      expect(await storage.uow.write(account, async () => 'the next one works')).toBe('the next one works');
    });

    it('for reading writes nothing', async () => {
      const account = await createAccount(storage.uow);
      const writing = storage.uow.read(account, (tx) => tx.users.add(newUser(account), 'no hash'));
      await expect(writing).rejects.toMatchObject({ code: '25006' });
    });

    it.each<[string, (account: AccountId) => Promise<unknown>]>([
      ['another that writes', (account) => storage.uow.write(account, async () => {})],
      ['another that reads', (account) => storage.uow.read(account, async () => {})],
      ['one of the system', () => storage.uow.system('accounts', async () => {})],
      ['a screen', (account) => storage.conversationReader.list(account, ids.next(), { limit: 1, cursor: undefined })],
    ])('does not hold %s', async (_, inner) => {
      const account = await createAccount(storage.uow);
      await expect(storage.uow.write(account, () => inner(account))).rejects.toThrow(/inside a unit of work/);
      await expect(storage.uow.system('accounts', () => inner(account))).rejects.toThrow(/inside accounts/);
    });

    it('takes an account id and nothing that would end the statement', async () => {
      const injected = "'; select 1; --" as AccountId;
      await expect(storage.uow.read(injected, async () => {})).rejects.toThrow(/account id/);
    });
  });

  describe('names', () => {
    it('are taken once in an account, whatever their case, and again in another', async () => {
      const [here, there] = [await createAccount(storage.uow), await createAccount(storage.uow)];
      const alice = newUser(here);
      const add = (user: User) => storage.uow.write(user.accountId, (tx) => tx.users.add(user, 'no hash'));
      await add(alice);
      await expect(add({ ...newUser(here), username: alice.username.toUpperCase() })).rejects.toMatchObject({ code: 'USERNAME_TAKEN' });
      await expect(add({ ...newUser(here), email: alice.email?.toUpperCase() })).rejects.toMatchObject({ code: 'EMAIL_TAKEN' });
      await expect(add({ ...alice, accountId: there })).resolves.toBeUndefined();
    });
  });

  describe('an account', () => {
    it('sees its own rows only', async () => {
      const here = await createPeople(storage.uow, 'alice', 'bob');
      const there = await createPeople(storage.uow, 'carol');
      const conversationId = await createGroup(storage.uow, here.account, [here.alice, here.bob]);
      const look = (account: AccountId) =>
        storage.uow.read(account, async (tx) => ({
          users: (await tx.users.lookupMany([here.alice, here.bob, there.carol])).length,
          conversation: (await tx.conversations.lookup(conversationId))?.id,
          members: (await tx.conversations.members(conversationId, [here.alice, here.bob])).length,
          owners: await tx.conversations.countOwners(conversationId),
        }));
      expect(await look(here.account)).toEqual({ users: 2, conversation: conversationId, members: 2, owners: 1 });
      expect(await look(there.account)).toEqual({ users: 1, conversation: undefined, members: 0, owners: 0 });
      expect(await storage.uow.write(there.account, (tx) => tx.conversations.lock(conversationId))).toBeUndefined();
      expect(await storage.conversationReader.find(there.account, here.alice, conversationId)).toBeUndefined();
      expect(await storage.messageReader.history(there.account, here.alice, conversationId, { limit: 1 })).toBeUndefined();
    });

    it('writes its own rows only', async () => {
      const [here, there] = [await createAccount(storage.uow), await createAccount(storage.uow)];
      const foreign = newUser(there);
      await expect(storage.uow.write(here, (tx) => tx.users.add(foreign, 'no hash'))).rejects.toMatchObject({ code: '42501' });
      expect(await isThere(there, foreign.id)).toBe(false);
      const { account, alice } = await createPeople(storage.uow, 'alice');
      await storage.uow.write(here, (tx) => tx.users.updatePasswordHash(alice, 'stolen'));
      const [row] = await storage.ask<{ password_hash: string }>(
        'coucou_app',
        account,
        'select password_hash from app_user where id = $1',
        [alice],
      );
      expect(row?.password_hash).toBe('no hash');
    });

    it('refers to its own rows only', async () => {
      const here = await createAccount(storage.uow);
      const { alice: stranger } = await createPeople(storage.uow, 'alice');
      await expect(createGroup(storage.uow, here, [stranger])).rejects.toMatchObject({ code: 'REFERENCE_INVALID' });
    });

    it('sees nothing at all when none was set', async () => {
      await createUsers(storage.uow, await createAccount(storage.uow), ['alice']);
      const count = () => storage.main.use((session) => session.query<{ n: number }>('select count(*) as n from app_user'));
      expect((await count()).rows).toEqual([{ n: 0 }]);
    });
  });

  describe('an event', () => {
    it('is published after the commit, in order', async () => {
      const { account, alice } = await createPeople(storage.uow, 'alice');
      const events = [created(account, alice), created(account, alice)];
      await storage.uow.write(account, async (tx) => {
        for (const event of events) {
          await tx.conversations.add(event);
          tx.emit(event);
        }
        expect(storage.published).toEqual([]);
      });
      expect(storage.published).toEqual(events);
    });

    it('is stored with the transaction when somebody subscribes', async () => {
      const { account, alice } = await createPeople(storage.uow, 'alice');
      const event = created(account, alice);
      const [member] = event.members;
      if (member === undefined) throw new Error('nobody in it');
      await storage.uow.write(account, async (tx) => {
        tx.emit(event, memberLeft({ conversation: event.conversation, member, reason: 'left' }));
      });
      expect(await outboxOf(account)).toEqual([
        { type: 'conversation.created', payload: { conversationId: event.conversation.id, version: 1, userIds: [alice] } },
      ]);
    });

    it('is neither stored nor published after a rollback', async () => {
      const { account, alice } = await createPeople(storage.uow, 'alice');
      const failing = storage.uow.write(account, async (tx) => {
        tx.emit(created(account, alice));
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(storage.published).toEqual([]);
      expect(await outboxOf(account)).toEqual([]);
    });
  });

  describe('the door of the system', () => {
    it.each(['app_user', 'session', 'conversation', 'member', 'message'])('does not open on %s', async (table) => {
      const look = storage.ask('coucou_system', ids.next(), `select * from ${table}`);
      await expect(look).rejects.toMatchObject({ code: '42501' });
    });

    it.each([
      ['the device of a session', 'select user_agent from session'],
      ['changing an account', "update account set name = ''"],
      ['deleting an account', 'delete from account'],
      [
        'writing to the outbox',
        'insert into outbox (account_id, id, type, payload) select account_id, account_id, name, null from account',
      ],
      ['changing a signing key', "update signing_key set kid = ''"],
      ['appending', "select * from append_messages('{}', '{}', '[]', false, false)"],
    ])('does not open on %s', async (_, statement) => {
      await expect(storage.ask('coucou_system', ids.next(), statement)).rejects.toMatchObject({ code: '42501' });
    });

    it('is the only one to the signing keys', async () => {
      await expect(storage.ask('coucou_app', ids.next(), 'select * from signing_key')).rejects.toMatchObject({ code: '42501' });
      expect(await storage.uow.system('signing-keys', (tx) => tx.listSigningKeys())).toEqual([]);
    });

    it('finds what every account has of the few things it may see', async () => {
      const account = await createAccount(storage.uow);
      const found = await storage.uow.system('accounts', (tx) => tx.lookupAccounts([account, 'nobody']));
      expect(found).toEqual([expect.objectContaining({ id: account, clientKey: account })]);
      expect(await storage.uow.system('accounts', (tx) => tx.epoch())).toMatch(/^[0-9a-f-]{36}$/);
    });
  });
});

describe('the unit of work on PostgreSQL, which runs several at once', () => {
  let storage: TestStorage;
  beforeAll(async () => {
    storage = storageOn(await openOwnPostgres());
  });
  afterAll(() => storage.close());

  it('runs work again that lost a deadlock', async () => {
    const { account, alice } = await createPeople(storage.uow, 'alice');
    const [one, other] = [await createGroup(storage.uow, account, [alice]), await createGroup(storage.uow, account, [alice])] as const;
    let runs = 0;
    const { promise: bothHold, resolve: go } = Promise.withResolvers<void>();
    const crossing = (first: ConversationId, second: ConversationId) =>
      storage.uow.write(account, async (tx) => {
        await tx.conversations.lock(first);
        runs += 1;
        if (runs === 2) go();
        await bothHold;
        await tx.conversations.lock(second);
        return 'done';
      });
    expect(await Promise.all([crossing(one, other), crossing(other, one)])).toEqual(['done', 'done']);
    expect(runs).toBeGreaterThan(2);
  });
});
