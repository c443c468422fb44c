import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Administration, expectForAdministrators, expectScopes } from '../../../tests/support/administration.ts';
import { passErasure } from '../../../tests/support/erasures.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import { type Caller, SECRET, type TestApp } from '../../../tests/support/test-app.ts';
import { openReceiver } from '../../../tests/support/webhook-receiver.ts';
import { refusal } from '../../../tests/use-cases/calls.ts';
import { integrationLimits } from '../src/domain/limits.ts';
import { check, create, groupOf, incoming, openIntegrationApp, outgoing, shown } from './integrations.ts';

const URL_OF_TEST = 'https://example.com/hook?token=of-the-query';

let app: TestApp;
let owner: Caller;
let admin: Caller;
let bob: Caller;
let conversationId: string;
beforeAll(async () => {
  app = await openIntegrationApp();
  [owner, admin, bob] = [
    await app.person('alice', undefined, 'owner'),
    await app.person('adam', undefined, 'admin'),
    await app.person('bob'),
  ];
  conversationId = (await groupOf(owner, [bob])).id;
});
afterAll(() => app.close());

const update = (integrationId: string, more: object, by = owner): Promise<Payload> =>
  by.call('admin.updateIntegration', { integrationId, ...more });
const audited = async ({ id }: Payload): Promise<Payload> =>
  (await owner.call('admin.listAuditLogs', { limit: 100 })).items.find(({ target }: Payload) => target.id === id);

describe('an integration', () => {
  it('is made with a secret that is shown once, and sealed in the database', async () => {
    const { integration, secret } = await outgoing(owner, conversationId, URL_OF_TEST, { triggers: ['deploy', 'deploy'] });
    expect(secret).toMatch(/^whsec_/);
    expect(integration).toEqual({
      id: expect.any(String),
      name: 'Alerts',
      conversationId,
      connector: { kind: 'outgoingWebhook', url: URL_OF_TEST, triggers: ['deploy'] },
      status: 'enabled',
      failures: 0,
      givenUp: 0,
      createdBy: owner.id,
      createdAt: expect.any(String),
    });
    expect(await shown(owner, integration.id)).toEqual(integration);
    expect((await owner.call('admin.listIntegrations')).items).toContainEqual(integration);
    const entry = await audited(integration);
    expect(entry).toMatchObject({
      action: 'integration_created',
      details: { kind: 'outgoingWebhook', conversationId, target: 'https://example.com' },
    });
    const rows = await app.sql('select * from integration where id = $1', [integration.id]);
    for (const seen of [rows, entry]) expect(JSON.stringify(seen)).not.toContain(secret.slice(6));
    expect(JSON.stringify(entry)).not.toContain('of-the-query');
    expect(JSON.stringify(rows)).not.toContain(SECRET);
  });

  it('changes, and is disabled and enabled', async () => {
    const { integration } = await outgoing(owner, conversationId, URL_OF_TEST);
    const connector = { kind: 'outgoingWebhook', url: 'https://example.org/', triggers: ['deploy'] };
    const changed = await update(integration.id, { name: 'Deploys', userId: bob.id, connector }, admin);
    expect(changed).toMatchObject({ name: 'Deploys', userId: bob.id, connector });
    expect(await audited(integration)).toMatchObject({
      action: 'integration_updated',
      details: { target: 'https://example.org', changed: ['name', 'userId', 'connector'] },
    });
    expect(await update(integration.id, { enabled: false })).toMatchObject({ status: 'disabled', disabledReason: 'admin' });
    expect(await update(integration.id, { enabled: true })).toEqual(changed);
    const before = await audited(integration);
    expect(await update(integration.id, { enabled: true, connector })).toEqual(changed);
    expect(await audited(integration)).toEqual(before);
    expect(await refusal(update(integration.id, { connector: { kind: 'incomingWebhook' } }))).toBe('INTEGRATION_KIND_FIXED');
  });

  it('is made where there is a conversation, by the name of one of its members', async () => {
    const stranger = await app.person('stan');
    const nowhere = '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f';
    const refused: [Promise<unknown>, string][] = [
      [incoming(owner, nowhere, bob.id), 'CONVERSATION_NOT_FOUND'],
      [incoming(owner, conversationId, stranger.id), 'INTEGRATION_MEMBER_REQUIRED'],
      [incoming(owner, conversationId, nowhere), 'INTEGRATION_MEMBER_REQUIRED'],
      [create(owner, conversationId, { kind: 'incomingWebhook' }), 'INTEGRATION_MEMBER_REQUIRED'],
      [outgoing(owner, conversationId, URL_OF_TEST, { userId: stranger.id }), 'INTEGRATION_MEMBER_REQUIRED'],
    ];
    const codes = await Promise.all(refused.map(([call]) => refusal(call)));
    expect(codes).toEqual(refused.map(([, code]) => code));
  });

  it.each<[string, object, string]>([
    ['plain HTTP', { url: 'http://example.com/' }, 'INTEGRATION_TARGET_REFUSED'],
    ['loopback', { url: 'https://127.0.0.2/' }, 'INTEGRATION_TARGET_REFUSED'],
    ['metadata of a cloud', { url: 'https://169.254.169.254/' }, 'INTEGRATION_TARGET_REFUSED'],
    ['a private address', { url: 'https://10.0.0.1/' }, 'INTEGRATION_TARGET_REFUSED'],
    ['IPv6 of this machine', { url: 'https://[::1]/' }, 'INTEGRATION_TARGET_REFUSED'],
    ['a password in its address', { url: 'https://user:password@example.com/' }, 'INTEGRATION_TARGET_REFUSED'],
    ['another scheme', { url: 'file:///etc/passwd' }, 'INTEGRATION_TARGET_REFUSED'],
    ['what is no address', { url: 'example' }, 'VALIDATION_FAILED'],
    ['an empty trigger', { url: URL_OF_TEST, triggers: [''] }, 'VALIDATION_FAILED'],
    ['another field', { url: URL_OF_TEST, password: 'x' }, 'VALIDATION_FAILED'],
  ])('is refused for %s', async (_, connector, code) => {
    expect(await refusal(create(owner, conversationId, { kind: 'outgoingWebhook', ...connector }))).toBe(code);
  });

  it('takes a recent sign-in where it leads somewhere new', async () => {
    const { integration } = await outgoing(owner, conversationId, URL_OF_TEST);
    app.time.now = new Date(Date.now() + 3_600_000);
    try {
      const refused = [
        () => outgoing(owner, conversationId, URL_OF_TEST),
        () => update(integration.id, { connector: { kind: 'outgoingWebhook', url: 'https://example.org/' } }),
        () => update(integration.id, { userId: bob.id }),
        () => owner.call('admin.rotateIntegrationSecret', { integrationId: integration.id }),
      ];
      for (const call of refused) expect(await refusal(call())).toBe('REAUTHENTICATION_REQUIRED');
      expect(await update(integration.id, { name: 'Renamed', enabled: false })).toMatchObject({ name: 'Renamed' });
    } finally {
      app.time.now = undefined;
    }
  });

  it('is one of so many', async () => {
    const account = await app.account();
    const eve = await app.person('eve', account, 'owner');
    const { id } = await groupOf(eve, []);
    for (let at = 0; at < integrationLimits.perAccount; at += 1) await incoming(eve, id, eve.id);
    expect(await refusal(incoming(eve, id, eve.id))).toBe('INTEGRATION_LIMIT_REACHED');
    const [{ id: spare }] = (await eve.call('admin.listIntegrations')).items;
    await eve.call('admin.deleteIntegration', { integrationId: spare });
    const atOnce = await Promise.allSettled(Array.from({ length: 10 }, () => incoming(eve, id, eve.id)));
    expect(atOnce.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('administration of integrations', () => {
  const operations: Administration = async () => {
    const { id: integrationId } = (await incoming(owner, conversationId, bob.id)).integration;
    return [
      ['admin.listIntegrations', {}],
      ['admin.getIntegration', { integrationId }],
      ['admin.updateIntegration', { integrationId, name: 'Another' }],
      ['admin.checkIntegration', { integrationId }],
      ['admin.rotateIntegrationSecret', { integrationId }],
      ['admin.deleteIntegration', { integrationId }],
    ];
  };

  it('is for owners and admins', async () => {
    await expectForAdministrators(app, admin, bob, operations);
  });

  it('is open to an API key with the scope', async () => {
    await expectScopes(app, 'integrations', operations);
  });
});

describe('a health check', () => {
  it('never crosses accounts', async () => {
    const receiver = await openReceiver();
    try {
      const { integration } = await outgoing(owner, conversationId, receiver.url);
      const eve = await app.person('eve', await app.account(), 'owner');
      const integrationId = integration.id;
      const tries: [string, Record<string, unknown>][] = [
        ['admin.checkIntegration', { integrationId }],
        ['admin.getIntegration', { integrationId }],
        ['admin.updateIntegration', { integrationId, name: 'Mine' }],
        ['admin.rotateIntegrationSecret', { integrationId }],
        ['admin.deleteIntegration', { integrationId }],
      ];
      for (const by of [eve, app.byKey(['integrations:read', 'integrations:write'], eve.account)])
        for (const [operation, input] of tries)
          expect([operation, await refusal(by.call(operation, input))]).toEqual([operation, 'INTEGRATION_NOT_FOUND']);
      expect((await eve.call('admin.listIntegrations')).items).toEqual([]);
      expect(receiver.requests).toEqual([]);
      expect(await shown(owner, integrationId)).toEqual(integration);
      expect(await refusal(incoming(eve, conversationId, eve.id))).toBe('CONVERSATION_NOT_FOUND');
      const { id: ownGroup } = await groupOf(eve, []);
      expect(await refusal(incoming(eve, ownGroup, bob.id))).toBe('INTEGRATION_MEMBER_REQUIRED');
      // Its own budget is untouched by theirs.
      for (let at = 0; at < integrationLimits.checksPerMinute; at += 1) await check(owner, integrationId);
      expect(await refusal(check(owner, integrationId))).toBe('RATE_LIMITED');
    } finally {
      await receiver.close();
    }
  });

  it('is forgotten where the integration leads elsewhere', async () => {
    const { integration } = await outgoing(owner, conversationId, 'https://hooks.invalid/');
    expect(await check(owner, integration.id)).toMatchObject({ outcome: 'unreachable' });
    expect(await audited(integration)).toMatchObject({
      action: 'integration_checked',
      details: { kind: 'outgoingWebhook', outcome: 'unreachable' },
    });
    expect(await update(integration.id, { name: 'Renamed' })).toHaveProperty('lastCheck');
    const connector = { kind: 'outgoingWebhook', url: 'https://elsewhere.invalid/' };
    expect(await update(integration.id, { connector })).not.toHaveProperty('lastCheck');
  });
});

describe('what an integration names', () => {
  it('disables it with the conversation, and has it work elsewhere on demand', async () => {
    const { id } = await groupOf(owner, [bob]);
    const { integration, secret } = await incoming(owner, id, bob.id);
    await owner.call('conversations.delete', { conversationId: id });
    await app.settled();
    expect(await shown(owner, integration.id)).toMatchObject({ status: 'disabled', disabledReason: 'conversation' });
    expect(await audited(integration)).toMatchObject({ action: 'integration_disabled', details: { reason: 'conversation' } });
    expect(await refusal(app.visitor().call('integrations.post', { token: secret, content: 'no' }))).toBe('INTEGRATION_DISABLED');
    expect(await refusal(update(integration.id, { enabled: true }))).toBe('CONVERSATION_NOT_FOUND');
    await update(integration.id, { conversationId, enabled: true });
    await app.visitor().call('integrations.post', { token: secret, content: 'here' });
  });

  it('disables it with the person, of whom it then knows nothing', async () => {
    const dan = await app.person('dan');
    await owner.call('members.add', { conversationId, userIds: [dan.id] });
    const { integration, secret } = await incoming(owner, conversationId, dan.id);
    await owner.call('admin.deleteUser', { userId: dan.id });
    expect(await refusal(app.visitor().call('integrations.post', { token: secret, content: 'no' }))).toMatch(
      /SUSPENDED|NOT_FOUND|DISABLED/,
    );
    await passErasure(app, dan);
    const gone = await shown(owner, integration.id);
    expect(gone).toMatchObject({ status: 'disabled', disabledReason: 'person' });
    expect(gone).not.toHaveProperty('userId');
    expect(await refusal(app.visitor().call('integrations.post', { token: secret, content: 'no' }))).toBe('INTEGRATION_DISABLED');
    expect(await refusal(update(integration.id, { enabled: true }))).toBe('INTEGRATION_MEMBER_REQUIRED');
  });
});
