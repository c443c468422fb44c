import { ApiKeyTexts, Programs } from '@coucou/application/ports/programs';
import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import { LocalApiKeyUses } from '@coucou/server/composition/ports';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ids } from '../../support/fixtures.ts';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { refusal } from '../calls.ts';

let app: TestApp;
let account: AccountId;
let alice: Caller;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  app.time.now = new Date('2026-01-15T12:00:00.000Z');
  account = await app.account();
  alice = await app.person('alice', account, 'owner');
});

const create = (more: Record<string, unknown> = {}, by: Pick<Caller, 'call'> = alice): Promise<Payload> =>
  by.call('admin.createApiKey', { name: 'CI', scopes: ['api-keys:read'], ...more });
const recognise = (key: string) => app.container.resolve(Programs).recognise(key, '192.0.2.1');
const later = (seconds: number) => {
  app.time.now = new Date(new Date('2026-01-15T12:00:00.000Z').getTime() + seconds * 1000);
};
const events = async () =>
  (await alice.call('admin.listAuditLogs')).items.map(({ action, actor, target, details }: Payload) => ({
    action,
    actor,
    target,
    details,
  }));

describe('an API key', () => {
  it('is recognised as what it is of, and kept as a hash', async () => {
    const { apiKey, key } = await create({ scopes: ['api-keys:read', 'api-keys:read', 'api-keys:write'], expiresInSeconds: 60 });
    expect(apiKey).toEqual({
      id: expect.any(String),
      name: 'CI',
      scopes: ['api-keys:read', 'api-keys:write'],
      createdBy: alice.id,
      createdAt: '2026-01-15T12:00:00.000Z',
      expiresAt: '2026-01-15T12:01:00.000Z',
    });
    expect(await recognise(key)).toEqual({
      account,
      program: { by: 'apiKey', id: apiKey.id, scopes: ['api-keys:read', 'api-keys:write'] },
    });
    const stored = await app.uow.read(account, (tx) => tx.apiKeys.lookup(apiKey.id));
    expect(JSON.stringify(stored)).not.toContain(key.slice(30));
    expect(await events()).toEqual([
      {
        action: 'api_key_created',
        actor: { kind: 'user', id: alice.id },
        target: { type: 'apiKey', id: apiKey.id },
        details: { name: 'CI', scopes: ['api-keys:read', 'api-keys:write'] },
      },
    ]);
    later(60);
    expect(await refusal(recognise(key))).toBe('UNAUTHENTICATED');
  });

  it('that is rotated is good by its old text for the overlap, and has the scopes it had', async () => {
    const { apiKey, key } = await create();
    const rotated = await alice.call('admin.rotateApiKey', { apiKeyId: apiKey.id, overlapSeconds: 60 });
    expect(rotated.apiKey).toEqual({ ...apiKey, previousUntil: '2026-01-15T12:01:00.000Z' });
    expect(await Promise.all([key, rotated.key].map(recognise))).toMatchObject([{ account }, { account }]);
    later(60);
    expect(await refusal(recognise(key))).toBe('UNAUTHENTICATED');
    expect(await recognise(rotated.key)).toMatchObject({ account });
  });

  it('that is revoked is refused from then on, by each of its texts', async () => {
    const { apiKey, key } = await create();
    const rotated = await alice.call('admin.rotateApiKey', { apiKeyId: apiKey.id });
    await alice.call('admin.revokeApiKey', { apiKeyId: apiKey.id });
    for (const text of [key, rotated.key]) expect(await refusal(recognise(text))).toBe('UNAUTHENTICATED');
    expect((await alice.call('admin.listApiKeys')).items).toEqual([]);
    expect(await refusal(alice.call('admin.revokeApiKey', { apiKeyId: apiKey.id }))).toBe('API_KEY_NOT_FOUND');
    expect(await refusal(alice.call('admin.rotateApiKey', { apiKeyId: apiKey.id }))).toBe('API_KEY_NOT_FOUND');
    expect((await events()).map(({ action }: Payload) => action)).toEqual(['api_key_revoked', 'api_key_rotated', 'api_key_created']);
  });

  it('of a suspended account is refused, and good again when that is lifted', async () => {
    const { key } = await create();
    const suspend = (suspended: boolean) => app.uow.system('accounts', (tx) => tx.suspendAccount(account, suspended));
    await suspend(true);
    expect(await refusal(recognise(key))).toBe('ACCOUNT_SUSPENDED');
    await suspend(false);
    expect(await recognise(key)).toMatchObject({ account });
  });

  it('that nobody made is refused, and other tokens are not its business', async () => {
    const { apiKey, key } = await create();
    const texts = app.container.resolve(ApiKeyTexts);
    const made = [
      { account, id: asId<'apiKey'>(apiKey.id) },
      { account, id: ids.next<'apiKey'>() },
      { account: await app.account(), id: asId<'apiKey'>(apiKey.id) },
      { account: ids.next<'account'>(), id: ids.next<'apiKey'>() },
    ];
    for (const of of made) expect(await refusal(recognise(texts.issue(of).text))).toBe('UNAUTHENTICATED');
    for (const broken of [key.slice(0, -1), `${key}x`, 'ck_', 'ck_a.b.c']) expect(await refusal(recognise(broken))).toBe('UNAUTHENTICATED');
    expect(await recognise('a.b.c')).toBeUndefined();
  });

  it('says when it was last used, by its list', async () => {
    const { apiKey, key } = await create();
    await recognise(key);
    await app.container.resolve(LocalApiKeyUses).flush();
    const [listed] = (await alice.call('admin.listApiKeys')).items;
    expect(listed).toEqual({ ...apiKey, lastUsedAt: expect.stringMatching(/^\d{4}-/) });
    // Never goes back.
    await app.uow.write(account, (tx) => tx.apiKeys.noteUses(new Map([[asId<'apiKey'>(apiKey.id), new Date(0)]])));
    expect((await alice.call('admin.listApiKeys')).items).toEqual([listed]);
  });

  it('names scopes that there are', async () => {
    for (const scopes of [['users:everything'], ['*'], [''], []]) expect(await refusal(create({ scopes }))).toBe('VALIDATION_FAILED');
  });

  it('is one of a hundred at most', async () => {
    const { apiKey } = await create();
    const stored = await app.uow.read(account, (tx) => tx.apiKeys.lookup(apiKey.id));
    if (stored === undefined) throw new Error('the key is not stored');
    await app.uow.write(account, async (tx) => {
      for (let made = 1; made < 100; made += 1) await tx.apiKeys.add({ ...stored, id: ids.next() });
    });
    expect(await refusal(create())).toBe('API_KEY_LIMIT_REACHED');
    const { items } = await alice.call('admin.listApiKeys');
    expect(items).toHaveLength(100);
    await alice.call('admin.revokeApiKey', { apiKeyId: items[0].id });
    await create();
  });
});

describe('a key that makes keys', () => {
  it('hands on no more than it may do, neither to a new key nor by the text of another', async () => {
    const robot = app.byKey(['api-keys:write', 'api-keys:read'], account);
    const { apiKey } = await create({ scopes: ['api-keys:read'] }, robot);
    expect(apiKey).not.toHaveProperty('createdBy');
    const { apiKey: greater } = await create({ scopes: ['api-keys:read', 'api-keys:write'] });
    const lesser = app.byKey(['api-keys:write'], account);
    expect(await refusal(create({ scopes: ['api-keys:read'] }, lesser))).toBe('FORBIDDEN');
    expect(await refusal(lesser.call('admin.rotateApiKey', { apiKeyId: greater.id }))).toBe('FORBIDDEN');
    expect((await robot.call('admin.rotateApiKey', { apiKeyId: greater.id })).key).toMatch(/^ck_/);
  });
});
