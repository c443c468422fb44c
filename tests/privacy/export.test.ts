import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Payload } from '../support/event-log.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { expectStatus, openDirect, openGroup, type Person, signUpAll } from '../support/people.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';
import { archiveOf, exported, requestExport } from './archive.ts';

const call = async (person: Person, method: string, path: string, body?: unknown): Promise<Payload> =>
  expectStatus(await person.http.call(method, `/api/v1${path}`, body), 200, 201, 204);

const say = (person: Person, conversation: Payload, content: string, more: object = {}) =>
  call(person, 'POST', `/conversations/${conversation.id}/messages`, { content, clientMessageId: randomUUID(), ...more });

async function upload(person: Person, name: string, content: string): Promise<Payload> {
  const form = new FormData();
  form.set('file', new Blob([content], { type: 'text/plain' }), name);
  return call(person, 'POST', '/attachments', form);
}

describe.each(['embedded', 'PostgreSQL'])('the export of one’s data on %s', (kind) => {
  let database: Database | undefined;
  let app: ListeningApp;
  let people: Record<'alice' | 'bob' | 'carol', Person>;
  let group: Payload;
  let direct: Payload;
  beforeAll(async () => {
    if (kind === 'PostgreSQL') database = await createDatabase();
    app = await startTestApp({ database, env: { LIMIT_REST: 'off' } });
    people = await signUpAll(app.url, 'alice', 'bob', 'carol');
    const { alice, bob, carol } = people;
    group = await openGroup(alice, [bob, carol], { title: 'Alice made this' });
    direct = await openDirect(alice, bob);
    await call(alice, 'PATCH', '/users/me', { bio: 'a bio of alice', custom: { team: 'blue' } });
    await call(alice, 'PUT', `/conversations/${direct.id}/draft`, { content: 'a draft of alice' });
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    await call(alice, 'POST', `/conversations/${direct.id}/scheduled-messages`, { content: 'alice will say', sendAt });
    await call(alice, 'PUT', `/blocks/${carol.id}`);
    const request = await call(bob, 'POST', '/friend-requests', { userId: alice.id });
    await call(alice, 'POST', `/friend-requests/${request.id}/accept`);
    const file = await upload(alice, 'notes of alice.txt', 'the file of alice');
    const first = await say(alice, group, 'the first of alice', { attachmentIds: [file.id], mentions: [bob.id] });
    await call(alice, 'PATCH', `/messages/${first.id}`, { content: 'the first of alice, edited' });
    await say(bob, group, 'a secret of bob');
    await say(bob, direct, 'another secret of bob');
    for (let at = 0; at < 230; at += 1) await say(alice, direct, `number ${at} of alice`);
    await call(alice, 'PUT', encodeURI(`/messages/${first.id}/reactions/👍`));
    await call(alice, 'PUT', `/messages/${first.id}/saved`, { note: 'a note of alice' });
    await app.settled();
  });
  afterAll(async () => {
    await app.close();
    await database?.drop();
  });

  it('holds what they are, did, wrote and uploaded, in lists by name', async () => {
    const { alice, bob, carol } = people;
    const { lists, files } = await exported(alice, app.url);
    expect(lists['about']).toEqual([expect.objectContaining({ person: alice.id })]);
    expect(lists['profile']).toEqual([
      expect.objectContaining({ username: alice.username, email: alice.email, bio: 'a bio of alice', custom: { team: 'blue' } }),
    ]);
    expect(lists['sessions']).toEqual([expect.objectContaining({ id: alice.session.id, method: 'password', ip: '127.0.0.1' })]);
    expect(lists['auditLog']?.map(({ action }) => action)).toEqual(['signed_up', 'signed_in', 'user_exported']);
    expect(lists['friends']).toEqual([
      expect.objectContaining({ friend: { id: bob.id, username: bob.username, displayName: bob.username } }),
    ]);
    expect(lists['friendRequests']).toEqual([
      expect.objectContaining({ status: 'accepted', from: expect.objectContaining({ id: bob.id }) }),
    ]);
    expect(lists['blocks']).toEqual([expect.objectContaining({ blocked: expect.objectContaining({ id: carol.id }) })]);
    expect(lists['scheduledMessages']).toEqual([expect.objectContaining({ content: 'alice will say' })]);
    expect(lists['savedMessages']).toEqual([expect.objectContaining({ conversationId: group.id, note: 'a note of alice' })]);
    expect(lists['drafts']).toEqual([expect.objectContaining({ content: 'a draft of alice' })]);
    expect(lists['conversations']).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ conversationId: group.id, role: 'owner', conversation: { type: 'group', title: 'Alice made this' } }),
        expect.objectContaining({ conversationId: direct.id, with: expect.objectContaining({ id: bob.id }) }),
      ]),
    );
    expect(lists['earlierContents']).toEqual([expect.objectContaining({ content: 'the first of alice' })]);
    expect(lists['reactions']).toEqual([expect.objectContaining({ emoji: '👍' })]);
    expect(lists['uploads']).toEqual([expect.objectContaining({ name: 'notes of alice.txt', type: 'text/plain' })]);
    expect(Object.entries(files).filter(([name]) => name.startsWith('files/'))).toEqual([
      [`files/${lists['uploads']?.[0].id}/notes_of_alice.txt`, 'the file of alice'],
    ]);
  });

  it('has every message once, however many pages there are', async () => {
    const { lists, files } = await exported(people.alice, app.url);
    const contents = lists['messages']?.map(({ content }) => content) ?? [];
    expect(contents.toSorted()).toEqual(
      ['the first of alice, edited', ...Array.from({ length: 230 }, (_, at) => `number ${at} of alice`)].toSorted(),
    );
    expect(Object.keys(files)).toEqual(expect.arrayContaining(['messages.json', 'messages.2.json']));
  });

  it('has nothing of other people but their ids and names, and no secret', async () => {
    const { alice, bob } = people;
    const { text } = await exported(alice, app.url);
    for (const secret of ['secret of bob', bob.email, alice.password, '$argon2', 'token_hash', 'tokenHash', 'storageKey'])
      expect(text).not.toContain(secret);
  });

  it('leaves out the name of who blocks them', async () => {
    const { alice, carol } = people;
    const { lists, text } = await exported(carol, app.url);
    expect(lists['blocks']).toBeUndefined();
    expect(text).not.toContain(alice.username);
  });

  it('tells of a conversation that they have left what they did there', async () => {
    const { bob, carol } = people;
    const left = await openGroup(bob, [carol], { title: 'Before carol left' });
    await say(carol, left, 'carol was here');
    await call(carol, 'POST', `/conversations/${left.id}/leave`);
    await call(bob, 'PATCH', `/conversations/${left.id}`, { title: 'After carol left' });
    const { lists, text } = await exported(carol, app.url);
    expect(lists['messages']).toEqual([expect.objectContaining({ content: 'carol was here' })]);
    expect(lists['conversations']?.find(({ conversationId }) => conversationId === left.id)).not.toHaveProperty('conversation');
    expect(text).not.toContain('carol left');
  });

  it('is made once at a time, and again after a client that went away', async () => {
    const { bob } = people;
    // More than the buffers on the way take: the archive waits for its reader.
    const { randomBytes } = await import('node:crypto');
    for (let at = 0; at < 4; at += 1) await upload(bob, `large-${at}.txt`, randomBytes(4_000_000).toString('hex'));
    const away = new AbortController();
    const stalled = await requestExport(bob, app.url, undefined, away.signal);
    expect(stalled.status).toBe(200);
    const second = await requestExport(bob, app.url);
    expect([second.status, await second.json()]).toEqual([409, expect.objectContaining({ code: 'EXPORT_IN_PROGRESS' })]);
    away.abort();
    const response = await until(
      async () => {
        const answered = await requestExport(bob, app.url);
        return answered.status === 200 && answered;
      },
      { what: 'the lease of the export to end' },
    );
    const { files } = await archiveOf(response);
    expect(Object.keys(files).filter((name) => name.startsWith('files/'))).toHaveLength(4);
  });

  it('is for signed-in people, and no answer of a socket', async () => {
    expect((await fetch(new URL('/api/v1/users/me/export', app.url), { method: 'POST' })).status).toBe(401);
    const socket = people.carol.socket('websocket');
    await socket.connect();
    expect(await socket.call('users.exportMe', {})).toMatchObject({ ok: false, error: { code: 'OPERATION_UNKNOWN' } });
    await socket.close();
  });
});
