import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';
import { openGroup, refusal, send } from '../../../tests/use-cases/calls.ts';
import { list, parrot, put } from './emoji.ts';

let app: TestApp;
let owner: Caller;
let admin: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openTestApp();
  [owner, admin, bob] = [
    await app.person('alice', undefined, 'owner'),
    await app.person('adam', undefined, 'admin'),
    await app.person('bob'),
  ];
});
afterAll(() => app.close());

const audited = async (limit: number): Promise<Payload[]> => (await owner.call('admin.listAuditLogs', { limit })).items;
const remove = (name: string, by: Caller = owner) => by.call('admin.deleteEmoji', { name });

describe('a custom emoji', () => {
  it('is added by an admin, and everybody of the account finds it by the shortcode that reactions have', async () => {
    const added = await put(admin);
    expect(added).toEqual({
      name: added.name,
      shortcode: `:${added.name}:`,
      imageUrl: 'https://example.com/parrot.gif',
      createdAt: expect.any(String),
    });
    const { items } = await list(bob, { limit: 100 });
    expect(items).toContainEqual(added);
    const message = await send(owner, await openGroup(owner, [bob]), 'look');
    await bob.call('reactions.put', { messageId: message.id, emoji: added.shortcode });
    expect(await owner.call('messages.get', { messageId: message.id })).toMatchObject({
      reactions: [{ emoji: added.shortcode, count: 1 }],
    });
    expect(await audited(1)).toMatchObject([
      { action: 'emoji_put', actor: { id: admin.id }, details: { name: added.name, imageUrl: added.imageUrl } },
    ]);
  });

  it('takes another image and keeps its time; the same image again leaves no entry in the audit log', async () => {
    const { name, createdAt } = await put(owner);
    const imageUrl = 'https://example.com/another.gif';
    const changed = await put(owner, { name, imageUrl });
    expect(changed).toEqual({ name, shortcode: `:${name}:`, imageUrl, createdAt });
    const before = await audited(1);
    expect(await put(owner, { name, imageUrl })).toEqual(changed);
    expect(await audited(1)).toEqual(before);
  });

  it('is deleted once, and may come back', async () => {
    const { name } = await put(owner);
    await remove(name, admin);
    expect(await audited(1)).toMatchObject([{ action: 'emoji_deleted', details: { name } }]);
    expect(await refusal(remove(name))).toBe('EMOJI_NOT_FOUND');
    expect(await put(owner, { name })).toMatchObject({ name });
  });

  it('is listed in pages, by name', async () => {
    const account = await app.account();
    const carol = await app.person('carol', account, 'owner');
    const names = ['zebra', '+1', 'a_b', 'a-b', 'party-parrot'];
    for (const name of names) await put(carol, { name });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page: Payload = await list(carol, { limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.items.map(({ name }: Payload) => name));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(names.toSorted());
  });

  it('never crosses accounts: neither the list, nor a change, nor a deletion', async () => {
    const account = await app.account();
    const eve = await app.person('eve', account, 'owner');
    const { name, imageUrl } = await put(owner);
    expect((await list(eve, { limit: 100 })).items).toEqual([]);
    expect(await refusal(remove(name, eve))).toBe('EMOJI_NOT_FOUND');
    await put(eve, { name, imageUrl: 'https://example.com/eve.gif' });
    await remove(name, eve);
    expect((await list(bob, { limit: 100 })).items).toContainEqual(expect.objectContaining({ name, imageUrl }));
  });

  it('is kept by owners, admins and API keys with the scope', async () => {
    const { name } = await put(owner);
    for (const [operation, input] of [
      ['admin.putEmoji', { name, imageUrl: 'https://example.com/b.gif' }],
      ['admin.deleteEmoji', { name }],
    ] as const) {
      expect(await refusal(bob.call(operation, input))).toBe('FORBIDDEN');
      expect(await refusal(app.visitor().call(operation, input))).toBe('UNAUTHENTICATED');
      expect(await refusal(app.byKey(['users:write']).call(operation, input))).toBe('FORBIDDEN');
      await app.byKey(['emoji:write']).call(operation, input);
    }
    expect(await refusal(app.visitor().call('emoji.list', {}))).toBe('UNAUTHENTICATED');
  });

  it('is one of 1,000 at most, also when two are added at once', async () => {
    const { name } = await put(owner);
    await app.sql(
      `insert into custom_emoji (account_id, name, image_url, created_at)
       select current_setting('app.account_id')::uuid, 'filler-' || n, 'https://example.com/e.gif', now()
       from generate_series(1, 999 - (select count(*)::int from custom_emoji)) n`,
    );
    const both = await Promise.allSettled([put(owner), put(owner)]);
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await refusal(put(owner))).toBe('EMOJI_LIMIT_REACHED');
    // One that is there changes all the same.
    await put(owner, { name, imageUrl: 'https://example.com/c.gif' });
    await app.sql("delete from custom_emoji where name like 'filler-%'");
  });

  it.each<[string, Record<string, unknown>]>([
    ['capitals', { name: 'Parrot' }],
    ['colons', { name: ':parrot:' }],
    ['no letters', { name: '' }],
    ['31 letters', { name: 'x'.repeat(31) }],
    ['a script as its image', { imageUrl: 'javascript:alert(1)' }],
    ['an image without an address', { imageUrl: '' }],
    ['an unknown key', { account: 'x' }],
  ])('is refused for %s', async (_, more) => {
    expect(await refusal(put(owner, { name: parrot(), ...more }))).toBe('VALIDATION_FAILED');
  });
});
