import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Administration, expectForAdministrators, expectScopes } from '../../../tests/support/administration.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { refusal } from '../../../tests/use-cases/calls.ts';
import { webhookLimits } from '../src/domain/limits.ts';
import { create, openHookApp } from './hooks.ts';

const URL_OF_TEST = 'https://example.com/hook?token=of-the-query';

let app: TestApp;
let owner: Caller;
let admin: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openHookApp();
  [owner, admin, bob] = [
    await app.person('alice', undefined, 'owner'),
    await app.person('adam', undefined, 'admin'),
    await app.person('bob'),
  ];
});
afterAll(() => app.close());

const get = (webhookId: string, by = owner): Promise<Payload> => by.call('admin.getWebhook', { webhookId });
const update = (webhookId: string, more: object, by = owner): Promise<Payload> => by.call('admin.updateWebhook', { webhookId, ...more });
const audited = async (limit: number): Promise<Payload[]> => (await owner.call('admin.listAuditLogs', { limit })).items;

describe('a webhook', () => {
  it('is made with a secret that is shown once, and sealed in the database', async () => {
    const { webhook, secret } = await create(owner, URL_OF_TEST, { description: 'CRM', events: ['message.created', 'message.created'] });
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(webhook).toEqual({
      id: expect.any(String),
      url: URL_OF_TEST,
      description: 'CRM',
      events: ['message.created'],
      ordered: false,
      status: 'enabled',
      createdBy: owner.id,
      createdAt: expect.any(String),
    });
    expect(await get(webhook.id)).toEqual(webhook);
    expect((await owner.call('admin.listWebhooks')).items).toContainEqual(webhook);
    const [entry] = await audited(1);
    expect(entry).toMatchObject({ action: 'webhook_created', details: { origin: 'https://example.com', events: ['message.created'] } });
    const rows = await app.sql('select * from webhook where id = $1', [webhook.id]);
    for (const seen of [rows, entry]) expect(JSON.stringify(seen)).not.toContain(secret.slice(6));
    expect(JSON.stringify(entry)).not.toContain('of-the-query');
  });

  it('changes, and is disabled and enabled', async () => {
    const { webhook } = await create(owner, URL_OF_TEST, { description: 'CRM' });
    const changed = await update(
      webhook.id,
      { url: 'https://example.org/', description: null, events: ['user.updated'], ordered: true },
      admin,
    );
    expect(changed).toMatchObject({ url: 'https://example.org/', events: ['user.updated'], ordered: true });
    expect(changed).not.toHaveProperty('description');
    expect(await update(webhook.id, { enabled: false })).toMatchObject({ status: 'disabled', disabledReason: 'admin' });
    expect(await update(webhook.id, { enabled: true })).toEqual(changed);
    const before = await audited(1);
    expect(before).toMatchObject([{ action: 'webhook_updated', details: { origin: 'https://example.org', changed: ['enabled'] } }]);
    expect(await update(webhook.id, { enabled: true, events: ['user.updated'] })).toEqual(changed);
    expect(await audited(1)).toEqual(before);
  });

  it('is deleted, with what it left', async () => {
    const { webhook } = await create(owner, URL_OF_TEST);
    await owner.call('admin.deleteWebhook', { webhookId: webhook.id });
    const webhookId = webhook.id;
    const gone: readonly (readonly [string, object?])[] = [
      ['admin.getWebhook'],
      ['admin.updateWebhook', { ordered: true }],
      ['admin.deleteWebhook'],
      ['admin.rotateWebhookSecret'],
      ['admin.testWebhook'],
      ['admin.listWebhookDeliveries'],
      ['admin.replayWebhookDeliveries'],
    ];
    for (const [operation, more] of gone) expect(await refusal(owner.call(operation, { webhookId, ...more }))).toBe('WEBHOOK_NOT_FOUND');
    expect((await owner.call('admin.listWebhooks')).items.map(({ id }: Payload) => id)).not.toContain(webhookId);
  });

  it('is one of a few of its account', async () => {
    const account = await app.account();
    const eve = await app.person('eve', account, 'owner');
    for (let at = 0; at < webhookLimits.perAccount; at += 1) await create(eve, URL_OF_TEST);
    expect(await refusal(create(eve, URL_OF_TEST))).toBe('WEBHOOK_LIMIT_REACHED');
    await eve.call('admin.deleteWebhook', { webhookId: (await eve.call('admin.listWebhooks')).items[0].id });
    const atOnce = await Promise.allSettled(Array.from({ length: 10 }, () => create(eve, URL_OF_TEST)));
    expect(atOnce.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const { id } = (await create(owner, URL_OF_TEST)).webhook;
    expect(await refusal(get(id, eve))).toBe('WEBHOOK_NOT_FOUND');
  });

  it.each<[string, object, string]>([
    ['plain HTTP', { url: 'http://example.com/' }, 'WEBHOOK_URL_REFUSED'],
    ['loopback', { url: 'https://127.0.0.2/' }, 'WEBHOOK_URL_REFUSED'],
    ['metadata of a cloud', { url: 'https://169.254.169.254/' }, 'WEBHOOK_URL_REFUSED'],
    ['IPv6 of this machine', { url: 'https://[::1]/' }, 'WEBHOOK_URL_REFUSED'],
    ['a password in its address', { url: 'https://user:password@example.com/' }, 'WEBHOOK_URL_REFUSED'],
    ['another scheme', { url: 'ftp://example.com/' }, 'WEBHOOK_URL_REFUSED'],
    ['what is no address', { url: 'example' }, 'VALIDATION_FAILED'],
    ['an address that is too long', { url: `https://example.com/${'a'.repeat(2_000)}` }, 'VALIDATION_FAILED'],
    ['NUL', { url: 'https://example.com/\u0000' }, 'VALIDATION_FAILED'],
    ['no events', { events: [] }, 'VALIDATION_FAILED'],
    ['an unknown event', { events: ['message.read'] }, 'VALIDATION_FAILED'],
    ['the event of tests', { events: ['webhook.test'] }, 'VALIDATION_FAILED'],
    ['a description that shows nothing', { description: '\u200b' }, 'VALIDATION_FAILED'],
  ])('is refused for %s', async (_, more, code) => {
    expect(await refusal(create(owner, URL_OF_TEST, more))).toBe(code);
    const { webhook } = await create(owner, URL_OF_TEST);
    expect(await refusal(update(webhook.id, more))).toBe(code);
    await owner.call('admin.deleteWebhook', { webhookId: webhook.id });
  });

  it('takes a recent sign-in where it leads somewhere new', async () => {
    const { webhook } = await create(owner, URL_OF_TEST);
    app.time.now = new Date(Date.now() + 3_600_000);
    try {
      const refused = [
        () => create(owner, URL_OF_TEST),
        () => update(webhook.id, { url: 'https://example.org/' }),
        () => owner.call('admin.rotateWebhookSecret', { webhookId: webhook.id }),
      ];
      for (const call of refused) expect(await refusal(call())).toBe('REAUTHENTICATION_REQUIRED');
      expect(await update(webhook.id, { ordered: true })).toMatchObject({ ordered: true });
    } finally {
      app.time.now = undefined;
    }
  });
});

describe('administration of webhooks', () => {
  const operations: Administration = async () => {
    const { id: webhookId } = (await create(owner, URL_OF_TEST)).webhook;
    const { id: deliveryId } = await owner.call('admin.testWebhook', { webhookId });
    return [
      ['admin.listWebhooks', {}],
      ['admin.getWebhook', { webhookId }],
      ['admin.updateWebhook', { webhookId, ordered: true }],
      ['admin.testWebhook', { webhookId }],
      ['admin.listWebhookDeliveries', { webhookId }],
      ['admin.getWebhookDelivery', { webhookId, deliveryId }],
      ['admin.replayWebhookDelivery', { webhookId, deliveryId }],
      ['admin.replayWebhookDeliveries', { webhookId }],
      ['admin.rotateWebhookSecret', { webhookId }],
      ['admin.deleteWebhook', { webhookId }],
    ];
  };

  it('is for owners and admins', async () => {
    await expectForAdministrators(app, admin, bob, operations);
  });

  it('is open to an API key with the scope', async () => {
    await expectScopes(app, 'webhooks', operations);
  });
});
