import { randomUUID } from 'node:crypto';
import { asId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { refusal } from '../calls.ts';

type People = Readonly<{ alice: Caller; bob: Caller; carol: Caller }>;

/** Friends and requests. */

let app: TestApp;
let { alice, bob, carol }: People = {} as People;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  [alice, bob, carol] = (await Promise.all(['alice', 'bob', 'carol'].map((name) => app.person(name)))) as [Caller, Caller, Caller];
  app.told.length = 0;
});

const ask = (from: Caller, to: Caller) => from.call('friends.request', { userId: to.id });
const befriend = async (a: Caller, b: Caller) => b.call('friends.accept', { requestId: (await ask(a, b)).id });
const friendsOf = async (who: Caller): Promise<string[]> =>
  (await who.call('friends.list')).items.map(({ user }: { user: { id: string } }) => user.id);
const told = (event: string) => app.told.filter((one) => one.event === event).map(({ to, payload }) => ({ to: to['userId'], payload }));
const feedOf = async (who: Caller) => (await who.call('sync.conversations', { user: { version: 0 } })).user;

describe('a request', () => {
  it('is listed by both, in the direction it has for each, and by nobody else', async () => {
    const request = await ask(alice, bob);
    expect(request).toMatchObject({ from: { id: alice.id }, to: { id: bob.id }, status: 'pending' });
    expect(request.to).not.toHaveProperty('email');
    expect((await alice.call('friends.listRequests', { direction: 'outgoing' })).items).toEqual([request]);
    expect((await bob.call('friends.listRequests')).items).toEqual([request]);
    expect((await bob.call('friends.listRequests', { direction: 'outgoing' })).items).toEqual([]);
    for (const direction of ['incoming', 'outgoing']) expect((await carol.call('friends.listRequests', { direction })).items).toEqual([]);
  });

  it('is told to the devices of both, and kept in their feeds', async () => {
    const request = await ask(alice, bob);
    expect(told('friend:requested').map(({ to }) => to)).toEqual([alice.id, bob.id]);
    expect(told('friend:requested')[1]?.payload['request']).toEqual(request);
    expect((await feedOf(bob)).events).toMatchObject([
      { version: 1, kind: 'friend_request.pending', payload: { requestId: request.id, userId: alice.id, direction: 'incoming' } },
    ]);
    expect((await feedOf(alice)).events).toMatchObject([{ version: 1, payload: { userId: bob.id, direction: 'outgoing' } }]);
  });

  it('asked again is the one that waits', async () => {
    const request = await ask(alice, bob);
    app.told.length = 0;
    expect(await ask(alice, bob)).toEqual(request);
    expect(app.told).toEqual([]);
  });

  it('is refused to oneself, to nobody, to another account and to a friend', async () => {
    const stranger = await app.person('dan', await app.account());
    expect(await refusal(alice.call('friends.request', { userId: alice.id }))).toBe('VALIDATION_FAILED');
    expect(await refusal(alice.call('friends.request', { userId: randomUUID() }))).toBe('USER_NOT_FOUND');
    expect(await refusal(ask(alice, stranger))).toBe('USER_NOT_FOUND');
    await befriend(alice, bob);
    expect(await refusal(ask(bob, alice))).toBe('ALREADY_FRIENDS');
  });

  it('is answered by its receiver and taken back by its sender only', async () => {
    const stranger = await app.person('dan', await app.account());
    const { id: requestId } = await ask(alice, bob);
    for (const [operation, wrong] of [
      ['friends.accept', [alice, carol, stranger]],
      ['friends.reject', [alice, carol, stranger]],
      ['friends.cancel', [bob, carol, stranger]],
    ] as const)
      for (const who of wrong)
        expect([operation, await refusal(who.call(operation, { requestId }))]).toEqual([operation, 'FRIEND_REQUEST_NOT_FOUND']);
    expect(await refusal(alice.call('friends.cancel', { requestId: randomUUID() }))).toBe('FRIEND_REQUEST_NOT_FOUND');
  });

  it('that is closed stays closed; closing it alike again is harmless', async () => {
    const { id: requestId } = await ask(alice, bob);
    const cancelled = await alice.call('friends.cancel', { requestId });
    expect(cancelled).toMatchObject({ status: 'cancelled' });
    app.told.length = 0;
    expect(await alice.call('friends.cancel', { requestId })).toEqual(cancelled);
    expect(app.told).toEqual([]);
    expect(await refusal(bob.call('friends.accept', { requestId }))).toBe('FRIEND_REQUEST_CLOSED');
    expect((await ask(alice, bob)).id).not.toBe(requestId);
  });
});

describe('declining', () => {
  it('is told to the sender alone, and makes them wait a day', async () => {
    const { id: requestId } = await ask(alice, bob);
    app.told.length = 0;
    await bob.call('friends.reject', { requestId });
    expect(told('friend:rejected').map(({ to }) => to)).toEqual([alice.id]);
    expect(app.told.filter(({ to }) => to['userId'] === bob.id).map(({ event }) => event)).toEqual(['user:event']);
    const refused = await ask(alice, bob).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'FRIEND_REQUEST_TOO_SOON', kind: 'rate_limited' });
    const { retryAfterSeconds } = (refused as { details: { retryAfterSeconds: number } }).details;
    expect(retryAfterSeconds).toBeGreaterThan(limits.friends.cooldownSeconds - 60);
    expect(retryAfterSeconds).toBeLessThanOrEqual(limits.friends.cooldownSeconds);
  });

  it('is over after the wait, and holds the one who declined back not at all', async () => {
    const { id: requestId } = await ask(alice, bob);
    await bob.call('friends.reject', { requestId });
    await app.sql(`update friend_request set responded_at = responded_at - interval '25 hours' where id = $1`, [requestId]);
    expect(await ask(alice, bob)).toMatchObject({ status: 'pending' });
    const other = await ask(alice, carol);
    await carol.call('friends.reject', { requestId: other.id });
    expect(await ask(carol, alice)).toMatchObject({ status: 'pending', from: { id: carol.id } });
  });
});

describe('a friendship', () => {
  it('comes of accepting, is listed by both with their presence, and is told to both', async () => {
    const accepted = await befriend(alice, bob);
    expect(accepted).toMatchObject({ status: 'accepted', from: { id: alice.id } });
    expect(await friendsOf(alice)).toEqual([bob.id]);
    expect((await bob.call('friends.list')).items).toMatchObject([
      { user: { id: alice.id }, presence: { userId: alice.id, status: 'offline' } },
    ]);
    expect(await friendsOf(carol)).toEqual([]);
    expect(told('friend:accepted').map(({ to }) => to)).toEqual([alice.id, bob.id]);
  });

  it('comes of requests that cross', async () => {
    await ask(alice, bob);
    expect(await ask(bob, alice)).toMatchObject({ status: 'accepted', from: { id: alice.id }, to: { id: bob.id } });
    expect(await friendsOf(bob)).toEqual([alice.id]);
    expect((await alice.call('friends.listRequests', { direction: 'outgoing' })).items).toEqual([]);
  });

  it('is one, whoever asks and accepts at once', async () => {
    const crossing = await Promise.all(
      [ask(alice, bob), ask(bob, alice), ask(alice, bob), ask(bob, alice)].map((each) => each.catch((error) => error.code)),
    );
    expect(crossing.filter((each) => each === 'ALREADY_FRIENDS' || each.status === 'accepted' || each.status === 'pending')).toHaveLength(
      4,
    );
    expect(await friendsOf(alice)).toEqual([bob.id]);
    expect(told('friend:accepted')).toHaveLength(2);

    const { id: requestId } = await ask(alice, carol);
    app.told.length = 0;
    const answers = await Promise.all(Array.from({ length: 20 }, () => carol.call('friends.accept', { requestId })));
    expect(new Set(answers.map(({ respondedAt }) => respondedAt)).size).toBe(1);
    expect(await app.sql('select from friendship where $1 in (lower_id, higher_id)', [carol.id])).toHaveLength(1);
    expect(told('friend:accepted')).toHaveLength(2);
    expect((await feedOf(carol)).events.map(({ kind }: { kind: string }) => kind)).toEqual([
      'friend_request.pending',
      'friend_request.accepted',
    ]);
  });

  it('is not made of a request that is taken back at the same moment, or is made before', async () => {
    for (let round = 0; round < 5; round += 1) {
      const dan = await app.person('dan');
      const { id: requestId } = await ask(alice, dan);
      const [accepted, cancelled] = await Promise.all(
        [dan.call('friends.accept', { requestId }), alice.call('friends.cancel', { requestId })].map((each) =>
          each.then(
            ({ status }) => status,
            ({ code }) => code,
          ),
        ),
      );
      const isFriend = (await friendsOf(alice)).includes(dan.id);
      expect([accepted, cancelled]).toEqual(isFriend ? ['accepted', 'FRIEND_REQUEST_CLOSED'] : ['FRIEND_REQUEST_CLOSED', 'cancelled']);
    }
  });

  it('ends for both, once', async () => {
    await befriend(alice, bob);
    app.told.length = 0;
    await bob.call('friends.remove', { userId: alice.id });
    expect(await friendsOf(alice)).toEqual([]);
    expect(told('friend:removed')).toMatchObject([
      { to: bob.id, payload: { userId: alice.id } },
      { to: alice.id, payload: { userId: bob.id } },
    ]);
    expect(await refusal(alice.call('friends.remove', { userId: bob.id }))).toBe('FRIEND_NOT_FOUND');
    expect(await refusal(alice.call('friends.remove', { userId: randomUUID() }))).toBe('FRIEND_NOT_FOUND');
  });

  it('is listed in pages, the newest first, whichever side of the pair one is', async () => {
    const others = await Promise.all(Array.from({ length: 7 }, (_, index) => app.person(`friend${index}`)));
    for (const other of others) await befriend(alice, other);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await alice.call('friends.list', { limit: 3, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ user }: { user: { id: string } }) => user.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toHaveLength(7);
    expect(new Set(seen)).toEqual(new Set(others.map(({ id }) => id)));
    const { nextCursor } = await alice.call('friends.list', { limit: 3 });
    expect(await refusal(alice.call('blocks.list', { cursor: nextCursor }))).toBe('CURSOR_INVALID');
  });
});

describe('limits', () => {
  afterEach(() => void Object.assign(app.settings, { mostFriends: limits.friends.most, mostPending: limits.friends.pending }));

  it('are as low as an operator sets them', async () => {
    Object.assign(app.settings, { mostFriends: 1, mostPending: 1 });
    const request = await ask(alice, bob);
    await expect(ask(alice, carol)).rejects.toMatchObject({ code: 'FRIEND_REQUEST_LIMIT_REACHED', details: { limit: 1 } });
    await bob.call('friends.accept', { requestId: request.id });
    await ask(alice, carol);
    // Asked by both, it would be a friendship.
    await expect(ask(carol, alice)).rejects.toMatchObject({ code: 'FRIEND_LIMIT_REACHED', details: { limit: 1 } });
    expect([await friendsOf(alice), await friendsOf(carol)]).toEqual([[bob.id], []]);
  });

  it('hold for requests that wait', async () => {
    await fill(limits.friends.pending, alice, 'request');
    const refused = await ask(alice, bob).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'FRIEND_REQUEST_LIMIT_REACHED', details: { limit: limits.friends.pending } });
  });

  it('hold for friends, on whichever side', async () => {
    await fill(limits.friends.most, bob, 'friend');
    const { id: requestId } = await ask(alice, bob);
    expect(await refusal(bob.call('friends.accept', { requestId }))).toBe('FRIEND_LIMIT_REACHED');
    expect((await bob.call('friends.listRequests')).items).toMatchObject([{ id: requestId, status: 'pending' }]);
  });
});

/** As many requests or friends as asked for, past the use-cases. */
async function fill(many: number, who: Caller, what: 'request' | 'friend'): Promise<void> {
  const account = asId<'account'>(who.account);
  await app.sql(
    `insert into app_user (account_id, id, username, username_key, display_name, role, created_at)
     select $1::uuid, gen_random_uuid(), 'f' || n || $2::text, 'f' || n || $2::text, 'f', 'member', now() from generate_series(1, $3::int) n`,
    [account, who.id, many],
  );
  await app.sql(
    what === 'friend'
      ? `insert into friendship (account_id, lower_id, higher_id, since)
         select $1::uuid, least(id, $2::uuid), greatest(id, $2::uuid), now() from app_user where username like 'f%' || $2::text`
      : `insert into friend_request (account_id, id, from_id, to_id, status, created_at)
         select $1::uuid, gen_random_uuid(), $2::uuid, id, 'pending', now() from app_user where username like 'f%' || $2::text`,
    [account, who.id],
  );
}
