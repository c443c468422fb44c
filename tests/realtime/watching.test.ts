import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import { startTestApp, type ListeningApp } from '../support/listening-app.ts';
import { createDatabase } from '../support/database.ts';
import { expectStatus, openGroup, type Person, signUpAll } from '../support/people.ts';
import type { Database } from '../support/template.ts';

describe('watching', () => {
  let database: Database;
  let server: ListeningApp;
  beforeAll(async () => {
    database = await createDatabase();
    server = await startTestApp({ database });
  });
  afterAll(async () => {
    await server?.close();
    await database?.drop();
  });

  /** No operation makes admins yet. */
  const promote = async ({ id }: Person) => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      await client.query('set role coucou_system');
      const { rows } = await client.query<{ account_id: string }>("select account_id from account where client_key = 'default'");
      await client.query('set role coucou_app');
      await client.query("select set_config('app.account_id', $1, false)", [rows[0]?.account_id]);
      const { rowCount } = await client.query("update app_user set role = 'admin' where id = $1", [id]);
      expect(rowCount).toBe(1);
    } finally {
      await client.end();
    }
  };

  it.each(['socket.io', 'websocket'] as const)('over %s the inbox of the account is told to agents only', async (transport) => {
    const { alice, bob, carol } = await signUpAll(server.url, 'alice', 'bob', 'carol');
    await promote(carol);
    const [agent, plain] = [carol.socket(transport), bob.socket(transport)];
    await Promise.all([agent.connect(), plain.connect()]);
    expect(await agent.call('inbox:join')).toMatchObject({ ok: true });
    expect(await plain.call('inbox:join')).toMatchObject({ ok: false, error: { code: 'FORBIDDEN' } });
    const group = await openGroup(alice, [bob]);
    expect(await agent.events.next('inbox:updated', (payload) => payload.conversationId === group.id)).toMatchObject({
      status: 'open',
      labels: [],
    });
    expectStatus(
      await carol.http.call('PATCH', `/api/v1/conversations/${group.id}/inbox`, { status: 'pending', assigneeId: carol.id }),
      200,
    );
    expect(await agent.events.next('inbox:updated', (payload) => payload.status === 'pending')).toMatchObject({
      conversationId: group.id,
      assigneeId: carol.id,
    });
    await plain.events.next('conversation:updated', (payload) => payload.conversationId === group.id);
    expect(plain.events.of('inbox:updated')).toEqual([]);
    expect(await agent.call('inbox:leave')).toMatchObject({ ok: true });
    expectStatus(await carol.http.call('PATCH', `/api/v1/conversations/${group.id}/inbox`, { status: 'resolved' }), 200);
    await server.settled();
    await agent.call('conversation:leave', { conversationId: group.id });
    expect(agent.events.of('inbox:updated').filter((payload) => payload.status === 'resolved')).toEqual([]);
    await Promise.all([agent.close(), plain.close()]);
  });

  it.each(['socket.io', 'websocket'] as const)('over %s a conversation is opened by its members only', async (transport) => {
    const { alice, bob, dan } = await signUpAll(server.url, 'alice', 'bob', 'dan');
    const group = await openGroup(alice, [bob]);
    const [member, stranger] = [bob.socket(transport), dan.socket(transport)];
    await Promise.all([member.connect(), stranger.connect()]);
    expect(await member.call('conversation:join', { conversationId: group.id })).toMatchObject({ ok: true });
    expect(await stranger.call('conversation:join', { conversationId: group.id })).toMatchObject({
      ok: false,
      error: { code: 'CONVERSATION_NOT_FOUND' },
    });
    expectStatus(await alice.http.call('DELETE', `/api/v1/conversations/${group.id}`), 204);
    expect(await member.events.next('conversation:removed')).toMatchObject({ conversationId: group.id, reason: 'deleted' });
    expect(await member.call('conversation:join', { conversationId: group.id })).toMatchObject({
      ok: false,
      error: { code: 'CONVERSATION_NOT_FOUND' },
    });
    await Promise.all([member.close(), stranger.close()]);
  });
});
