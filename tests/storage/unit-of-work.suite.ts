import { conversationCreated, memberLeft } from '@coucou/application/conversations/conversation-events';
import { Conversation } from '@coucou/domain/conversations/conversation';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from './engines.ts';
import { assemble, type Stand } from './stand.ts';
import { createAccount, createGroup, createUsers, createWorld, ids } from './world.ts';

const newUser = (accountId: AccountId, username = `alice-${ids.next()}`) =>
  User.signUp({ accountId, id: ids.next(), username, email: `${ids.next()}@example.com`, displayName: undefined, now: new Date() });

/** What every unit of work does, whatever it is stored in. */
export function unitOfWorkSuite(open: () => Promise<Engine>): void {
  let stand: Stand;
  beforeAll(async () => {
    stand = assemble(await open());
  });
  afterAll(() => stand.close());
  beforeEach(() => {
    stand.published.length = 0;
  });

  const isThere = async (account: AccountId, id: UserId) => (await stand.uow.read(account, (tx) => tx.users.lookup(id))) !== undefined;
  const outboxOf = (account: AccountId) =>
    stand.ask<{ type: string; payload: object }>('coucou_system', account, 'select type, payload from outbox where account_id = $1', [
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
      const account = await createAccount(stand.uow);
      const users = [newUser(account), newUser(account)] as const;
      const result = await stand.uow.write(account, async (tx) => {
        for (const user of users) await tx.users.add(user, 'no hash');
        return 'done';
      });
      expect(result).toBe('done');
      expect(await stand.uow.read(account, (tx) => tx.users.lookup(users[1].id))).toEqual(users[1]);
    });

    it('is undone as a whole, whether the work or the database refuses', async () => {
      const account = await createAccount(stand.uow);
      const [one, other] = [newUser(account), newUser(account)];
      const refused = stand.uow.write(account, async (tx) => {
        await tx.users.add(one, 'no hash');
        throw new Error('changed my mind');
      });
      await expect(refused).rejects.toThrow('changed my mind');
      const violated = stand.uow.write(account, async (tx) => {
        await tx.users.add(other, 'no hash');
        await tx.users.add({ ...other, email: undefined, username: `other-${other.username}` }, 'no hash');
      });
      await expect(violated).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await Promise.all([one, other].map((user) => isThere(account, user.id)))).toEqual([false, false]);
      expect(await stand.uow.write(account, async () => 'the next one works')).toBe('the next one works');
    });

    it('for reading writes nothing', async () => {
      const account = await createAccount(stand.uow);
      const writing = stand.uow.read(account, (tx) => tx.users.add(newUser(account), 'no hash'));
      await expect(writing).rejects.toMatchObject({ code: '25006' });
    });

    it.each<[string, (account: AccountId) => Promise<unknown>]>([
      ['another that writes', (account) => stand.uow.write(account, async () => {})],
      ['another that reads', (account) => stand.uow.read(account, async () => {})],
      ['one of the system', () => stand.uow.system('accounts', async () => {})],
      ['a screen', (account) => stand.conversationReader.list(account, ids.next(), { limit: 1, cursor: undefined })],
    ])('does not hold %s', async (_, inner) => {
      const account = await createAccount(stand.uow);
      await expect(stand.uow.write(account, () => inner(account))).rejects.toThrow(/inside a unit of work/);
      await expect(stand.uow.system('accounts', () => inner(account))).rejects.toThrow(/inside accounts/);
    });

    it('takes an account id and nothing that would end the statement', async () => {
      const injected = "'; select 1; --" as AccountId;
      await expect(stand.uow.read(injected, async () => {})).rejects.toThrow(/account id/);
    });
  });

  describe('names', () => {
    it('are taken once in an account, whatever their case, and again in another', async () => {
      const [here, there] = [await createAccount(stand.uow), await createAccount(stand.uow)];
      const alice = newUser(here);
      const add = (user: User) => stand.uow.write(user.accountId, (tx) => tx.users.add(user, 'no hash'));
      await add(alice);
      await expect(add({ ...newUser(here), username: alice.username.toUpperCase() })).rejects.toMatchObject({ code: 'USERNAME_TAKEN' });
      await expect(add({ ...newUser(here), email: alice.email?.toUpperCase() })).rejects.toMatchObject({ code: 'EMAIL_TAKEN' });
      await expect(add({ ...alice, accountId: there })).resolves.toBeUndefined();
    });
  });

  describe('an account', () => {
    it('sees its own rows only', async () => {
      const here = await createWorld(stand.uow, 'alice', 'bob');
      const there = await createWorld(stand.uow, 'carol');
      const conversationId = await createGroup(stand.uow, here.account, [here.alice, here.bob]);
      const look = (account: AccountId) =>
        stand.uow.read(account, async (tx) => ({
          users: (await tx.users.lookupMany([here.alice, here.bob, there.carol])).length,
          conversation: (await tx.conversations.lookup(conversationId))?.id,
          members: (await tx.conversations.members(conversationId, [here.alice, here.bob])).length,
          owners: await tx.conversations.countOwners(conversationId),
        }));
      expect(await look(here.account)).toEqual({ users: 2, conversation: conversationId, members: 2, owners: 1 });
      expect(await look(there.account)).toEqual({ users: 1, conversation: undefined, members: 0, owners: 0 });
      expect(await stand.uow.write(there.account, (tx) => tx.conversations.lock(conversationId))).toBeUndefined();
      expect(await stand.conversationReader.find(there.account, here.alice, conversationId)).toBeUndefined();
      expect(await stand.messageReader.history(there.account, here.alice, conversationId, { limit: 1 })).toBeUndefined();
    });

    it('writes its own rows only', async () => {
      const [here, there] = [await createAccount(stand.uow), await createAccount(stand.uow)];
      const foreign = newUser(there);
      await expect(stand.uow.write(here, (tx) => tx.users.add(foreign, 'no hash'))).rejects.toMatchObject({ code: '42501' });
      expect(await isThere(there, foreign.id)).toBe(false);
      const { account, alice } = await createWorld(stand.uow, 'alice');
      await stand.uow.write(here, (tx) => tx.users.updatePasswordHash(alice, 'stolen'));
      const [row] = await stand.ask<{ password_hash: string }>('coucou_app', account, 'select password_hash from app_user where id = $1', [
        alice,
      ]);
      expect(row?.password_hash).toBe('no hash');
    });

    it('refers to its own rows only', async () => {
      const here = await createAccount(stand.uow);
      const { alice: stranger } = await createWorld(stand.uow, 'alice');
      await expect(createGroup(stand.uow, here, [stranger])).rejects.toMatchObject({ code: 'REFERENCE_INVALID' });
    });

    it('sees nothing at all when none was set', async () => {
      await createUsers(stand.uow, await createAccount(stand.uow), ['alice']);
      const count = () => stand.main.use((session) => session.query<{ n: number }>('select count(*) as n from app_user'));
      expect((await count()).rows).toEqual([{ n: 0 }]);
    });
  });

  describe('an event', () => {
    it('is published after the commit, in order', async () => {
      const { account, alice } = await createWorld(stand.uow, 'alice');
      const events = [created(account, alice), created(account, alice)];
      await stand.uow.write(account, async (tx) => {
        for (const event of events) {
          await tx.conversations.add(event);
          tx.emit(event);
        }
        expect(stand.published).toEqual([]);
      });
      expect(stand.published).toEqual(events);
    });

    it('is stored with the transaction when somebody subscribes', async () => {
      const { account, alice } = await createWorld(stand.uow, 'alice');
      const event = created(account, alice);
      const [member] = event.members;
      if (member === undefined) throw new Error('nobody in it');
      await stand.uow.write(account, async (tx) => {
        tx.emit(event, memberLeft({ conversation: event.conversation, member, reason: 'left' }));
      });
      expect(await outboxOf(account)).toEqual([
        { type: 'conversation.created', payload: { conversationId: event.conversation.id, userIds: [alice] } },
      ]);
    });

    it('is neither stored nor published after a rollback', async () => {
      const { account, alice } = await createWorld(stand.uow, 'alice');
      const failing = stand.uow.write(account, async (tx) => {
        tx.emit(created(account, alice));
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(stand.published).toEqual([]);
      expect(await outboxOf(account)).toEqual([]);
    });
  });

  describe('the door of the system', () => {
    it.each(['app_user', 'session', 'conversation', 'member', 'message'])('does not open on %s', async (table) => {
      const look = stand.ask('coucou_system', ids.next(), `select * from ${table}`);
      await expect(look).rejects.toMatchObject({ code: '42501' });
    });

    it.each([
      ['the session of a token', 'select session_id from refresh_token'],
      ['changing an account', "update account set name = ''"],
      ['deleting an account', 'delete from account'],
      [
        'writing to the outbox',
        'insert into outbox (account_id, id, type, payload) select account_id, account_id, name, null from account',
      ],
      ['changing a signing key', "update signing_key set kid = ''"],
      ['appending', "select * from append_messages('{}', '{}', '[]', false, false)"],
    ])('does not open on %s', async (_, statement) => {
      await expect(stand.ask('coucou_system', ids.next(), statement)).rejects.toMatchObject({ code: '42501' });
    });

    it('is the only one to the signing keys', async () => {
      await expect(stand.ask('coucou_app', ids.next(), 'select * from signing_key')).rejects.toMatchObject({ code: '42501' });
      expect(await stand.uow.system('signing-keys', (tx) => tx.listSigningKeys())).toEqual([]);
    });

    it('finds what every account has of the few things it may see', async () => {
      const account = await createAccount(stand.uow);
      expect(await stand.uow.system('accounts', (tx) => tx.lookupAccount(account))).toMatchObject({ id: account, clientKey: account });
      expect(await stand.uow.system('accounts', (tx) => tx.lookupAccount('nobody'))).toBeUndefined();
      expect(await stand.uow.system('accounts', (tx) => tx.epoch())).toMatch(/^[0-9a-f-]{36}$/);
    });
  });
}
