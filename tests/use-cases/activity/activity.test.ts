import { randomUUID } from 'node:crypto';
import { trimActivity } from '@coucou/application/activity/trim-activity';
import { ActivitySettings } from '@coucou/application/activity/activity-settings';
import type { LoggedConnection } from '@coucou/domain/activity/connection';
import type { PresenceEntry } from '@coucou/domain/activity/presence-entry';
import { asId } from '@coucou/domain/kernel/ids';
import { override } from '@coucou/server/composition/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ids } from '../../support/fixtures.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';

/** The connection log and the presence log: written for all accounts at once, read by those whom they concern. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
let admin: Caller;
let stranger: Caller;
const settings = { connectionDays: 7, presenceDays: 30 };
const run = { id: randomUUID(), node: 'node-1' };
const DAY_MS = 86_400_000;

beforeAll(async () => {
  app = await openTestApp({ overrides: [override(ActivitySettings, settings)] });
  [alice, bob, admin] = [await app.person('alice'), await app.person('bob'), await app.person('admin', undefined, 'admin')];
  stranger = await app.person('mallory', await app.account(), 'owner');
});
afterAll(() => app.close());

const connectionOf = (who: Caller, more: Partial<LoggedConnection> = {}): LoggedConnection => ({
  accountId: who.account,
  id: ids.next(),
  userId: who.id,
  sessionId: asId(randomUUID()),
  node: run.node,
  transport: 'websocket',
  ip: '192.0.2.1',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  connectedAt: new Date('2026-06-01T10:00:00.000Z'),
  ended: undefined,
  ...more,
});
const entryOf = (who: Caller, status: PresenceEntry['status'], at: Date): PresenceEntry => ({
  accountId: who.account,
  id: ids.next(),
  userId: who.id,
  status,
  at,
});
const write = (...connections: LoggedConnection[]) => app.storage.activity.writeConnections(run, connections);
const refused = (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: { code: string }) => error.code,
  );

describe('the connection log', () => {
  it('tells a person of their own connections, the newest first, in pages', async () => {
    const ended = { at: new Date('2026-06-01T10:00:01.500Z'), reason: 'ping_timeout' } as const;
    const [first, second] = [connectionOf(alice), connectionOf(alice, { ended, transport: 'plain' })];
    await write(first, second, connectionOf(bob), connectionOf(stranger));
    const page = await alice.call('users.connectionHistory', { userId: alice.id, limit: 1 });
    expect(page.items).toEqual([
      {
        id: second.id,
        userId: alice.id,
        sessionId: second.sessionId,
        transport: 'plain',
        ip: '192.0.2.1',
        userAgent: second.userAgent,
        device: 'desktop',
        browser: 'Firefox 140',
        os: 'Linux',
        connectedAt: '2026-06-01T10:00:00.000Z',
        endedAt: '2026-06-01T10:00:01.500Z',
        endReason: 'ping_timeout',
        durationMs: 1_500,
      },
    ]);
    const rest = await alice.call('users.connectionHistory', { userId: alice.id, cursor: page.nextCursor });
    expect(rest.items.map(({ id, endedAt, endReason, node }: Record<string, unknown>) => [id, endedAt, endReason, node])).toEqual([
      [first.id, undefined, undefined, undefined],
    ]);
    expect(rest.nextCursor).toBeNull();
  });

  it('gives an open connection its end, and one whose beginning was lost both', async () => {
    const carol = await app.person('carol');
    const [begun, lost] = [connectionOf(carol), connectionOf(carol)];
    const ended = { at: new Date(), reason: 'session_revoked' } as const;
    await write(begun);
    await write({ ...begun, ended, transport: 'websocket' }, { ...lost, ended });
    // A beginning that is written once more, since the answer to its statement was lost.
    await write(begun);
    const { items } = await carol.call('users.connectionHistory', { userId: carol.id });
    expect(items.map(({ id, endReason }: Record<string, unknown>) => [id, endReason])).toEqual([
      [lost.id, 'session_revoked'],
      [begun.id, 'session_revoked'],
    ]);
  });

  it('is for the administration of the account besides, with the node, and for nobody else', async () => {
    const own = connectionOf(bob);
    await write(own);
    expect((await admin.call('users.connectionHistory', { userId: bob.id })).items[0]).toMatchObject({ id: own.id });
    expect((await admin.call('admin.listConnectionLogs', { userId: bob.id })).items[0]).toMatchObject({ id: own.id, node: 'node-1' });
    const all = await app.byKey(['activity:read']).call('admin.listConnectionLogs');
    expect(new Set(all.items.map(({ userId }: { userId: string }) => userId))).not.toContain(stranger.id);
    expect(all.items.length).toBeGreaterThan(3);

    expect(await refused(alice.call('users.connectionHistory', { userId: bob.id }))).toBe('FORBIDDEN');
    // The same for somebody who is not there: it is no oracle.
    expect(await refused(alice.call('users.connectionHistory', { userId: randomUUID() }))).toBe('FORBIDDEN');
    expect(await refused(admin.call('users.connectionHistory', { userId: stranger.id }))).toBe('USER_NOT_FOUND');
    expect(await refused(alice.call('admin.listConnectionLogs'))).toBe('FORBIDDEN');
    expect(await refused(app.byKey(['users:read']).call('admin.listConnectionLogs'))).toBe('FORBIDDEN');
    expect((await stranger.call('admin.listConnectionLogs', { userId: bob.id })).items).toEqual([]);
  });
});

describe('the presence log', () => {
  it('tells a person and the administration when they were there, the newest first, in pages', async () => {
    const at = (minute: number) => new Date(Date.UTC(2026, 5, 1, 12, minute));
    // Written late: the order is that of time.
    await app.storage.activity.writePresence([
      entryOf(alice, 'offline', at(9)),
      entryOf(alice, 'online', at(1)),
      entryOf(bob, 'online', at(3)),
    ]);
    await app.storage.activity.writePresence([entryOf(alice, 'away', at(4))]);
    const first = await alice.call('users.presenceHistory', { userId: alice.id, limit: 2 });
    const rest = await alice.call('users.presenceHistory', { userId: alice.id, limit: 2, cursor: first.nextCursor });
    expect([...first.items, ...rest.items].map(({ status, at: since }) => `${status} ${since}`)).toEqual([
      'offline 2026-06-01T12:09:00.000Z',
      'away 2026-06-01T12:04:00.000Z',
      'online 2026-06-01T12:01:00.000Z',
    ]);
    expect((await admin.call('admin.listPresenceLogs', { limit: 1 })).items).toEqual([
      { userId: alice.id, status: 'offline', at: '2026-06-01T12:09:00.000Z' },
    ]);
    expect((await admin.call('users.presenceHistory', { userId: bob.id })).items).toHaveLength(1);
    expect(await refused(bob.call('users.presenceHistory', { userId: alice.id }))).toBe('FORBIDDEN');
    expect((await stranger.call('admin.listPresenceLogs')).items).toEqual([]);
  });

  it('takes an entry once, however often its statement is sent', async () => {
    const dan = await app.person('dan');
    const entry = entryOf(dan, 'online', new Date());
    for (const _ of [1, 2]) await app.storage.activity.writePresence([entry]);
    expect((await dan.call('users.presenceHistory', { userId: dan.id })).items).toHaveLength(1);
  });
});

describe('retention', () => {
  it('removes what ended or was noted long enough ago, in small batches, and no open connection', async () => {
    const eve = await app.person('eve');
    const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
    const endedAt = (days: number) => ({ connectedAt: ago(400), ended: { at: ago(days), reason: 'client_closed' } as const });
    const open = connectionOf(eve, { connectedAt: ago(400) });
    const kept = connectionOf(eve, endedAt(6.9));
    await write(open, kept, ...Array.from({ length: 1_001 }, () => connectionOf(eve, endedAt(7.1))));
    await app.storage.activity.writePresence([entryOf(eve, 'online', ago(29.9)), entryOf(eve, 'offline', ago(30.1))]);

    const report = await trimActivity.run(app.container.portsOf(trimActivity.deps), { aborted: false });
    expect(report['connections']).toBeGreaterThanOrEqual(1_001);
    const connections = await eve.call('users.connectionHistory', { userId: eve.id });
    expect(connections.items.map(({ id }: { id: string }) => id)).toEqual([kept.id, open.id]);
    const presence = await eve.call('users.presenceHistory', { userId: eve.id });
    expect(presence.items.map(({ status }: { status: string }) => status)).toEqual(['online']);
    expect(await trimActivity.run(app.container.portsOf(trimActivity.deps), { aborted: false })).toEqual({ connections: 0, presence: 0 });
  });
});

describe('a node that is gone', () => {
  const node = (name: string) => ({ id: randomUUID(), node: name });
  const endOf = async (who: Caller) =>
    (await who.call('users.connectionHistory', { userId: who.id })).items.map(({ endReason }: { endReason?: string }) => endReason);
  const presenceOf = async (who: Caller) =>
    (await who.call('users.presenceHistory', { userId: who.id })).items.map(({ status }: { status: string }) => status);

  it('has its connections ended by another, and its people noted as offline', async () => {
    const { activity } = app.storage;
    const [gone, other] = [node('gone'), node('other')];
    const [fay, gus] = [await app.person('fay'), await app.person('gus')];
    // What the tests above left open.
    await activity.closeGone(other, 0);
    await activity.seen(gone);
    await activity.seen(other);
    await activity.writeConnections(gone, [connectionOf(fay), connectionOf(fay), connectionOf(gus)]);
    // Gus is connected to the other node as well.
    await activity.writeConnections(other, [connectionOf(gus)]);
    expect(await activity.closeGone(other, 60)).toBe(0);
    expect(await activity.closeGone(other, 0)).toBe(3);
    expect([await endOf(fay), await presenceOf(fay)]).toEqual([['unknown', 'unknown'], ['offline']]);
    expect([await endOf(gus), await presenceOf(gus)]).toEqual([[undefined, 'unknown'], []]);
    // Its own connections are open, however long it was not heard.
    expect(await activity.closeGone(other, 0)).toBe(0);
    await activity.leave(other);
    expect(await endOf(gus)).toEqual(['unknown', 'unknown']);
  });

  it('has those ended as well that it wrote while others took it for gone, so that none is open, and kept, for ever', async () => {
    const { activity } = app.storage;
    const [paused, other] = [node('paused'), node('other')];
    const ida = await app.person('ida');
    await activity.seen(paused);
    await activity.writeConnections(paused, [connectionOf(ida)]);
    await activity.closeGone(other, 0);
    // It is killed before it says once more that it is alive.
    await activity.writeConnections(paused, [connectionOf(ida)]);
    expect(await endOf(ida)).toEqual([undefined, undefined]);
    await activity.closeGone(other, 0);
    expect(await endOf(ida)).toEqual(['unknown', 'unknown']);
  });

  it('has them open again when it was only away', async () => {
    const { activity } = app.storage;
    const [paused, other] = [node('paused'), node('other')];
    const hal = await app.person('hal');
    const [open, ended] = [connectionOf(hal), connectionOf(hal)];
    await activity.seen(paused);
    await activity.writeConnections(paused, [open, { ...ended, ended: { at: new Date(), reason: 'client_closed' } }]);
    await activity.closeGone(other, 0);
    expect(await endOf(hal)).toEqual(['client_closed', 'unknown']);
    await activity.seen(paused);
    expect(await endOf(hal)).toEqual(['client_closed', undefined]);
    await activity.writeConnections(paused, [{ ...open, ended: { at: new Date(), reason: 'transport_closed' } }]);
    expect(await endOf(hal)).toEqual(['client_closed', 'transport_closed']);
  });
});
