import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { refusal } from '../../../tests/use-cases/calls.ts';
import { integrationLimits } from '../src/domain/limits.ts';
import { check, groupOf, incoming, openIntegrationApp, shown } from './integrations.ts';

let app: TestApp;
let owner: Caller;
let bob: Caller;
let conversationId: string;
beforeAll(async () => {
  app = await openIntegrationApp();
});
beforeEach(async () => {
  const account = await app.account();
  [owner, bob] = [await app.person('alice', account, 'owner'), await app.person('bob', account)];
  conversationId = (await groupOf(owner, [bob])).id;
});
afterAll(() => app.close());

const post = async (token: string, input: object): Promise<Payload> =>
  (await app.visitor().execute('integrations.post', { token, ...input })).body;
const messages = async (by = owner): Promise<Payload[]> =>
  (await by.call('messages.list', { conversationId, limit: 50 })).items.toReversed();

describe('an incoming webhook', () => {
  it('posts as its person, and its message says whose it is', async () => {
    const { integration, secret } = await incoming(owner, conversationId, bob.id);
    expect(secret).toMatch(/^inc_[\w-]{86}$/);
    const { messageId } = await post(secret, { content: 'The build is green.' });
    const { messageId: slack } = await post(secret, { text: 'The build is red.' });
    const alerts = { senderId: bob.id, type: 'text', integration: { id: integration.id, name: 'Alerts' } };
    expect(await messages()).toMatchObject([
      { ...alerts, id: slack, content: 'The build is red.' },
      { ...alerts, id: messageId, content: 'The build is green.' },
    ]);
    expect(app.told.filter(({ event }) => event === 'message:new').at(-1)?.payload['message']).toMatchObject(alerts);
  });

  it('keeps its token as a hash alone, and shows it once', async () => {
    const { integration, secret } = await incoming(owner, conversationId, bob.id);
    const seen = [
      await shown(owner, integration.id),
      await owner.call('admin.listIntegrations'),
      await owner.call('admin.listAuditLogs', { limit: 10 }),
      await app.sql('select * from integration'),
    ];
    expect(JSON.stringify(seen)).not.toContain(secret.slice(50));
  });

  it('stores the same clientMessageId once, apart from those of its person', async () => {
    const { secret } = await incoming(owner, conversationId, bob.id);
    const clientMessageId = '01936d2e-7c8a-4b3e-9f00-5a1c2b3d4e5f';
    const said = { content: 'once', clientMessageId };
    const own = await bob.call('messages.send', { conversationId, content: 'mine', clientMessageId });
    const first = await app.visitor().execute('integrations.post', { token: secret, ...said });
    const second = await app.visitor().execute('integrations.post', { token: secret, ...said });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body).toEqual(first.body);
    expect(first.body.messageId).not.toBe(own.id);
    expect(await refusal(post(secret, { ...said, content: 'twice' }))).toBe('CLIENT_MESSAGE_ID_CONFLICT');
    const both = await Promise.all([1, 2, 3].map(() => post(secret, { content: 'at once', clientMessageId: own.id })));
    expect(new Set(both.map(({ messageId }) => messageId)).size).toBe(1);
    expect(await messages()).toHaveLength(3);
  });

  it('has another token after a rotation, and the old one is good for nothing', async () => {
    const { integration, secret } = await incoming(owner, conversationId, bob.id);
    const rotated = await owner.call('admin.rotateIntegrationSecret', { integrationId: integration.id });
    expect(await refusal(post(secret, { content: 'late' }))).toBe('INTEGRATION_TOKEN_UNKNOWN');
    await post(rotated.secret, { content: 'in time' });
    await owner.call('admin.deleteIntegration', { integrationId: integration.id });
    expect(await refusal(post(rotated.secret, { content: 'gone' }))).toBe('INTEGRATION_TOKEN_UNKNOWN');
  });

  it('takes no token that it did not issue', async () => {
    const { secret } = await incoming(owner, conversationId, bob.id);
    const other = await incoming(owner, conversationId, bob.id);
    // The ids of one with the secret of the other: 4 + 43 characters hold the ids, but for two bits.
    const mixed = secret.slice(0, 47) + other.secret.slice(47);
    const unknown = `inc_${'A'.repeat(86)}`;
    for (const token of [mixed, unknown, 'x', `${secret}A`, secret.slice(0, -1), secret.toLowerCase(), 'inc_' + '%'.repeat(86)])
      expect(await refusal(post(token, { content: 'no' }))).toBe('INTEGRATION_TOKEN_UNKNOWN');
    expect(await refusal(post('x'.repeat(10_000), { content: 'no' }))).toBe('VALIDATION_FAILED');
    expect(await messages()).toEqual([]);
  });

  it('is refused where its person would be', async () => {
    const { integration, secret } = await incoming(owner, conversationId, bob.id);
    expect(await check(owner, integration.id)).toMatchObject({ outcome: 'ok' });
    await owner.call('conversations.update', { conversationId, settings: { announcementsOnly: true } });
    expect(await refusal(post(secret, { content: 'no' }))).toBe('POSTING_NOT_ALLOWED');
    expect(await check(owner, integration.id)).toMatchObject({ outcome: 'posting', detail: 'POSTING_NOT_ALLOWED' });
    await owner.call('conversations.update', { conversationId, settings: { announcementsOnly: false } });

    await owner.call('admin.suspendUser', { userId: bob.id });
    expect(await refusal(post(secret, { content: 'no' }))).toBe('USER_SUSPENDED');
    expect(await check(owner, integration.id)).toMatchObject({ outcome: 'posting', detail: 'USER_SUSPENDED' });
    await owner.call('admin.restoreUser', { userId: bob.id });

    await bob.call('conversations.leave', { conversationId });
    expect(await refusal(post(secret, { content: 'no' }))).toBe('CONVERSATION_NOT_FOUND');
    expect(await check(owner, integration.id)).toMatchObject({ outcome: 'posting', detail: 'CONVERSATION_NOT_FOUND' });
    expect((await shown(owner, integration.id)).lastCheck).toMatchObject({ outcome: 'posting' });
  });

  it('is refused while its account is suspended, or named as another', async () => {
    const { integration, secret } = await incoming(owner, conversationId, bob.id);
    const elsewhere = await app.account();
    const named = app.visitor(elsewhere).execute('integrations.post', { token: secret, content: 'no' }, { namedAccount: elsewhere });
    expect(await refusal(named)).toBe('FORBIDDEN');
    const suspend = (suspended: boolean) => app.uow.system('accounts', (tx) => tx.suspendAccount(owner.account, suspended));
    await suspend(true);
    expect(await refusal(post(secret, { content: 'no' }))).toBe('ACCOUNT_SUSPENDED');
    await suspend(false);
    await owner.call('admin.updateIntegration', { integrationId: integration.id, enabled: false });
    expect(await refusal(post(secret, { content: 'no' }))).toBe('INTEGRATION_DISABLED');
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['both', { content: 'a', text: 'b' }],
    ['another field', { content: 'a', username: 'root' }],
    ['NUL', { content: 'a\u0000' }],
    ['a megabyte', { content: 'x'.repeat(1_000_000) }],
    ['what shows nothing', { content: '\u200b' }],
    ['a clientMessageId of another form', { content: 'a', clientMessageId: '1' }],
  ])('takes no message that holds %s', async (_, input) => {
    const { secret } = await incoming(owner, conversationId, bob.id);
    expect(await refusal(post(secret, input))).toBe('VALIDATION_FAILED');
  });

  it('posts so many messages a minute', async () => {
    const { secret } = await incoming(owner, conversationId, bob.id);
    const clientMessageId = '01936d2e-7c8a-4b3e-9f00-5a1c2b3d4e5f';
    for (let at = 0; at < integrationLimits.incomingPerMinute; at += 1) await post(secret, { content: 'again', clientMessageId });
    expect(await refusal(post(secret, { content: 'again', clientMessageId }))).toBe('RATE_LIMITED');
    const other = await incoming(owner, conversationId, bob.id);
    await post(other.secret, { content: 'of another' });
  });
});
