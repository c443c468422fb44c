import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Administration, expectForAdministrators, expectScopes } from '../../../tests/support/administration.ts';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { answer, openReceiver, type Receiver, verify } from '../../../tests/support/webhook-receiver.ts';
import { openGroup, refusal, send } from '../../../tests/use-cases/calls.ts';
import { ACCEPT, asked, create, openHookApp, says, shown, twoPeople } from './hook.ts';

const URL_OF_TEST = 'https://example.com/ask?token=of-the-query';

let app: TestApp;
let owner: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openHookApp();
});
beforeEach(async () => {
  [owner, bob] = await twoPeople(app);
});
afterEach(() => {
  app.time.now = undefined;
});
afterAll(() => app.close());

const update = (more: object, by = owner): Promise<Payload> => by.call('admin.updateBeforeSendHook', { ...more });
const audited = async (limit: number): Promise<Payload[]> => (await owner.call('admin.listAuditLogs', { limit })).items;

describe('a before-send hook', () => {
  it('is made with a secret that is shown once, and a choice that has to be made', async () => {
    expect(await refusal(owner.call('admin.createBeforeSendHook', { url: URL_OF_TEST }))).toBe('VALIDATION_FAILED');
    const { hook, secret } = await create(owner, URL_OF_TEST);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(hook).toEqual({
      url: URL_OF_TEST,
      timeoutMs: 1_000,
      onFailure: 'refuse',
      conversationTypes: ['direct', 'group'],
      enabled: true,
      health: { state: 'closed', failures: 0 },
      createdBy: owner.id,
      createdAt: expect.any(String),
      changedAt: expect.any(String),
    });
    expect(await shown(owner)).toEqual(hook);
    const [entry] = await audited(1);
    expect(entry).toMatchObject({ action: 'before_send_hook_created', details: { origin: 'https://example.com', onFailure: 'refuse' } });
    for (const seen of [entry, await shown(owner), await update({ timeoutMs: 500 })])
      expect(JSON.stringify(seen)).not.toContain(secret.slice(6));
    expect(JSON.stringify(entry)).not.toContain('of-the-query');
  });

  it('is sealed in the database', async () => {
    const alice = await app.person('alice', undefined, 'owner');
    const { secret } = await create(alice, URL_OF_TEST, { enabled: false });
    const rows = await app.sql('select * from before_send_hook');
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(secret.slice(6));
    await alice.call('admin.deleteBeforeSendHook');
  });

  it('is one for each account, also of twenty that are made at once', async () => {
    const ends = await Promise.allSettled(Array.from({ length: 20 }, () => create(owner, URL_OF_TEST)));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await refusal(create(owner, URL_OF_TEST))).toBe('BEFORE_SEND_HOOK_EXISTS');
  });

  it('changes, and what changes nothing leaves no entry', async () => {
    const { hook } = await create(owner, URL_OF_TEST);
    const changed = await update({
      url: 'https://example.org/',
      onFailure: 'accept',
      timeoutMs: 250,
      conversationTypes: ['group', 'group'],
    });
    const different = { url: 'https://example.org/', onFailure: 'accept', timeoutMs: 250, conversationTypes: ['group'] };
    expect(changed).toEqual({ ...hook, ...different, changedAt: changed.changedAt });
    const [entry] = await audited(1);
    expect(entry).toMatchObject({
      action: 'before_send_hook_updated',
      details: { origin: 'https://example.org', changed: expect.arrayContaining(Object.keys(different)) },
    });
    expect(await update({ timeoutMs: 250, conversationTypes: ['group'] })).toEqual(changed);
    expect(await update({})).toEqual(changed);
    expect(await audited(1)).toEqual([entry]);
    await owner.call('admin.deleteBeforeSendHook');
    for (const name of ['updateBeforeSendHook', 'deleteBeforeSendHook', 'rotateBeforeSendHookSecret'])
      expect(await refusal(owner.call(`admin.${name}`))).toBe('BEFORE_SEND_HOOK_NOT_FOUND');
    expect(await owner.call('admin.getBeforeSendHook')).toEqual({});
    expect(await refusal(owner.call('admin.testBeforeSendHook', { text: 'hello' }))).toBe('BEFORE_SEND_HOOK_NOT_FOUND');
  });

  it.each(['http://example.com/', 'https://10.0.0.1/', 'https://[::1]/', 'ftp://example.com/', 'https://user@example.com/'])(
    'has no such address: %s',
    async (url) => {
      expect(await refusal(create(owner, url))).toBe('BEFORE_SEND_HOOK_URL_REFUSED');
      await create(owner, URL_OF_TEST);
      expect(await refusal(update({ url }))).toBe('BEFORE_SEND_HOOK_URL_REFUSED');
    },
  );

  it.each([
    { timeoutMs: 99 },
    { timeoutMs: 5_001 },
    { onFailure: 'ignore' },
    { conversationTypes: [] },
    { url: 'no address' },
    { secret: 'mine' },
  ])('takes no %j', async (wrong) => {
    expect(await refusal(create(owner, URL_OF_TEST, wrong))).toBe('VALIDATION_FAILED');
  });

  it('is for administrators of its own account alone', async () => {
    const [stranger] = await twoPeople(app);
    await create(owner, URL_OF_TEST);
    expect(await stranger.call('admin.getBeforeSendHook')).toEqual({});
    expect(await refusal(stranger.call('admin.deleteBeforeSendHook'))).toBe('BEFORE_SEND_HOOK_NOT_FOUND');
    await create(stranger, 'https://example.net/');
    await update({ timeoutMs: 200 }, stranger);
    expect(await shown(owner)).toMatchObject({ url: URL_OF_TEST, timeoutMs: 1_000 });
  });

  const operations =
    (make: () => Promise<unknown>): Administration =>
    async () => {
      await make();
      return [
        ['admin.getBeforeSendHook', {}],
        ['admin.updateBeforeSendHook', { timeoutMs: 200 }],
        ['admin.rotateBeforeSendHookSecret', {}],
        ['admin.testBeforeSendHook', { text: 'hello' }],
        ['admin.deleteBeforeSendHook', {}],
        ['admin.createBeforeSendHook', { url: URL_OF_TEST, onFailure: 'accept', enabled: false }],
      ];
    };

  it('is administered by owners and admins, and by keys with its scopes', async () => {
    const admin = await app.person('adam', owner.account, 'admin');
    await expectForAdministrators(
      app,
      admin,
      bob,
      operations(() => create(owner, 'https://hooks.invalid/', { timeoutMs: 100 })),
    );
    const first = await app.person('first', undefined, 'owner');
    await expectScopes(
      app,
      'before-send',
      operations(() => create(first, 'https://hooks.invalid/', { timeoutMs: 100, enabled: false })),
    );
    await first.call('admin.deleteBeforeSendHook');
  });
});

describe('its secret', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await openReceiver({ behaviour: ACCEPT });
  });
  afterEach(() => receiver.close());

  it('is replaced, and the old one signs as well for the time of the overlap', async () => {
    const room = await openGroup(owner, [bob]);
    const { secret: old } = await create(owner, receiver.url);
    app.time.now = new Date();
    const { hook, secret } = await owner.call('admin.rotateBeforeSendHookSecret', { overlapSeconds: 60 });
    expect(hook.previousSecretUntil).toBe(new Date(app.time.now.getTime() + 60_000).toISOString());
    await send(bob, room, 'signed by both');
    for (const each of [old, secret]) expect(receiver.verified(each)).toHaveLength(1);
    const { secret: only } = await owner.call('admin.rotateBeforeSendHookSecret', { overlapSeconds: 0 });
    await send(bob, room, 'signed by the new one');
    const [, request] = receiver.requests;
    if (request === undefined) throw new Error('the hook was not asked');
    expect(verify(only, request)).toMatchObject({ data: { message: { content: 'signed by the new one' } } });
    expect(() => verify(secret, request)).toThrow('No matching signature found');
  });

  it('and its address are changed after a recent sign-in alone', async () => {
    await create(owner, receiver.url);
    app.time.now = new Date(Date.now() + 3_600_000);
    expect(await refusal(owner.call('admin.rotateBeforeSendHookSecret', {}))).toBe('REAUTHENTICATION_REQUIRED');
    expect(await refusal(update({ url: URL_OF_TEST }))).toBe('REAUTHENTICATION_REQUIRED');
    expect(await update({ enabled: false })).toMatchObject({ enabled: false });
    await owner.call('admin.deleteBeforeSendHook');
    expect(await refusal(create(owner, receiver.url))).toBe('REAUTHENTICATION_REQUIRED');
  });
});

describe('a test', () => {
  let receiver: Receiver;
  const test = (text: string, more: object = {}): Promise<Payload> => owner.call('admin.testBeforeSendHook', { text, ...more });
  beforeEach(async () => {
    receiver = await openReceiver({ behaviour: ACCEPT });
  });
  afterEach(() => receiver.close());

  it('says what would become of a text, also while the hook is disabled', async () => {
    await create(owner, receiver.url, { enabled: false });
    const durationMs = expect.any(Number);
    expect(await test('hello')).toEqual({ outcome: 'accept', durationMs });
    expect(asked(receiver)).toMatchObject([
      {
        action: 'send',
        test: true,
        accountId: owner.account,
        conversation: { type: 'group' },
        senderId: owner.id,
        message: { content: 'hello' },
      },
    ]);
    receiver.behave(says({ action: 'change', content: 'h*llo' }));
    expect(await test('hello', { conversationType: 'direct' })).toEqual({ outcome: 'change', content: 'h*llo', durationMs });
    expect(asked(receiver).at(-1)?.conversation.type).toBe('direct');
    receiver.behave(says({ action: 'refuse', reason: 'No.' }));
    expect(await test('hello')).toEqual({ outcome: 'refuse', reason: 'No.', durationMs });
    expect(await audited(1)).toMatchObject([{ action: 'before_send_hook_tested', details: { outcome: 'refuse' } }]);
  });

  it('says why there was no answer, and does not open the breaker', async () => {
    await create(owner, receiver.url);
    receiver.behave(answer(500));
    for (let at = 0; at < 6; at += 1)
      expect(await test('hello')).toEqual({ outcome: 'failure', failure: 'answered', status: 500, durationMs: expect.any(Number) });
    expect((await shown(owner)).health).toEqual({ state: 'closed', failures: 0 });
  });
});
