import { asId } from '@coucou/domain/kernel/ids';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { as, openGroup, refusal, send } from '../../../tests/use-cases/calls.ts';
import { downloadArchive } from '../src/application/open-archives.ts';
import { fill, keep, openRetentionApp, seqsOf, trim, viewOf } from './retention.ts';

let app: TestApp;
let owner: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openRetentionApp();
  [owner, bob] = [await app.person('alice', undefined, 'owner'), await app.person('bob')];
});
afterEach(async () => {
  app.time.now = undefined;
  await owner.call('admin.releaseAccount');
  await owner.call('admin.deleteRetention');
});
afterAll(() => app.close());

const audited = async (action: string): Promise<Payload[]> => (await owner.call('admin.listAuditLogs', { action, limit: 100 })).items;
const inDays = (days: number): Date => new Date(Date.now() + days * 86_400_000);
const of = (conversation: Payload) => ({ conversationId: conversation['id'] });

describe('a policy', () => {
  it('of the account holds for conversations without one of their own', async () => {
    const [plain, longer, forever] = [await openGroup(owner), await openGroup(owner), await openGroup(owner)];
    for (const group of [plain, longer, forever]) await fill(owner, group, 3);
    await keep(owner, longer, { maxAgeDays: 100 });
    await keep(owner, forever, {});
    expect(await owner.call('admin.putRetention', { maxAgeDays: 30 })).toEqual({ policy: { maxAgeDays: 30, archive: false } });
    expect(await audited('account_retention_changed')).toMatchObject([{ details: { maxAgeDays: 30, archive: 'no' } }]);
    expect(await owner.call('admin.getConversationRetention', of(plain))).toEqual({
      policy: { maxAgeDays: 30, archive: false },
      isOwn: false,
      firstSeq: 1,
      lastSeq: 3,
    });
    app.time.now = inDays(40);
    await trim(app);
    expect([await seqsOf(owner, plain), await seqsOf(owner, longer), await seqsOf(owner, forever)]).toEqual([[], [1, 2, 3], [1, 2, 3]]);
    expect(await audited('messages_trimmed')).toMatchObject([
      { actor: { kind: 'system' }, details: { fromSeq: 1, toSeq: 3, archives: 0 } },
    ]);
    await owner.call('admin.deleteConversationRetention', of(longer));
    await trim(app);
    expect(await seqsOf(owner, longer)).toEqual([]);
  });

  it('that is the same again leaves no entry in the audit log', async () => {
    await owner.call('admin.putRetention', { maxMessages: 1_000 });
    const before = await audited('account_retention_changed');
    await owner.call('admin.putRetention', { maxMessages: 1_000 });
    expect(await audited('account_retention_changed')).toEqual(before);
  });

  it.each([{ maxAgeDays: 0 }, { maxAgeDays: -1 }, { maxAgeDays: 1.5 }, { maxMessages: 0 }, { maxAgeDays: 36_501 }, { days: 3 }])(
    'of %j is refused',
    async (policy) => {
      const group = await openGroup(owner);
      expect(await refusal(owner.call('admin.putRetention', policy))).toBe('VALIDATION_FAILED');
      expect(await refusal(keep(owner, group, policy))).toBe('VALIDATION_FAILED');
      expect(await refusal(owner.call('admin.previewRetention', { policy }))).toBe('VALIDATION_FAILED');
    },
  );

  it('is kept by owners, admins and API keys with the scope, and never crosses accounts', async () => {
    const group = await openGroup(owner, [bob]);
    const eve = await app.person('eve', await app.account(), 'owner');
    const calls = [
      ['admin.getConversationRetention', {}],
      ['admin.putConversationRetention', { maxAgeDays: 1 }],
      ['admin.deleteConversationRetention', {}],
      ['admin.holdConversation', { reason: 'a case' }],
      ['admin.releaseConversation', {}],
      ['admin.previewRetention', {}],
    ] as const;
    for (const [operation, more] of calls) {
      expect(await refusal(bob.call(operation, { ...of(group), ...more }))).toBe('FORBIDDEN');
      expect(await refusal(app.byKey(['users:write']).call(operation, { ...of(group), ...more }))).toBe('FORBIDDEN');
      expect(await refusal(eve.call(operation, { ...of(group), ...more }))).toBe('CONVERSATION_NOT_FOUND');
      await app.byKey(['retention:read', 'retention:write']).call(operation, { ...of(group), ...more });
    }
    await eve.call('admin.putRetention', { maxMessages: 1 });
    expect(await owner.call('admin.getRetention')).toEqual({});
    await fill(owner, group, 2);
    await trim(app);
    expect(await seqsOf(owner, group)).toEqual([1, 2]);
    expect((await eve.call('admin.listArchives', {})).items).toEqual([]);
  });
});

describe('a legal hold', () => {
  it('of a conversation keeps everything, whatever its policy, until it is released', async () => {
    const group = await openGroup(owner, [bob]);
    await fill(owner, group, 3);
    await keep(owner, group, { maxMessages: 1 });
    const held = await owner.call('admin.holdConversation', { ...of(group), reason: 'Case 7' });
    expect(held).toMatchObject({ hold: { reason: 'Case 7', by: owner.id } });
    expect(await audited('conversation_held')).toMatchObject([{ target: { id: group.id } }, {}]);
    expect(await refusal(keep(owner, group, { maxMessages: 2 }))).toBe('RETENTION_HELD');
    expect(await refusal(owner.call('admin.deleteConversationRetention', of(group)))).toBe('RETENTION_HELD');
    expect(await owner.call('admin.previewRetention', of(group))).toEqual({
      conversations: 0,
      messages: 0,
      files: 0,
      fileBytes: 0,
      held: 1,
    });
    await trim(app);
    expect(await seqsOf(owner, group)).toEqual([1, 2, 3]);
    // What has disappeared already is not deleted either.
    await app.sql('update conversation set first_seq = 2 where id = $1', [group.id]);
    await trim(app);
    expect(await app.sql('select from message where conversation_id = $1', [group.id])).toHaveLength(3);
    await owner.call('admin.releaseConversation', of(group));
    await trim(app);
    expect(await app.sql('select seq from message where conversation_id = $1', [group.id])).toEqual([{ seq: 3 }]);
  });

  it('of the account holds for all conversations of it', async () => {
    const group = await openGroup(owner);
    await fill(owner, group, 3);
    await keep(owner, group, { maxMessages: 1 });
    await owner.call('admin.holdAccount', { reason: 'Case 8' });
    expect(await owner.call('admin.getConversationRetention', of(group))).toMatchObject({ accountHold: { reason: 'Case 8' } });
    expect(await refusal(owner.call('admin.putRetention', { maxAgeDays: 1 }))).toBe('RETENTION_HELD');
    await trim(app);
    expect(await seqsOf(owner, group)).toEqual([1, 2, 3]);
    await owner.call('admin.releaseAccount');
    await trim(app);
    expect(await seqsOf(owner, group)).toEqual([3]);
  });
});

describe('a dry run', () => {
  it('says what would be trimmed, by the policy or by another, and changes nothing', async () => {
    const group = await openGroup(owner, [bob]);
    const [own, shared] = [await app.attachment(owner), await app.attachment(owner)];
    for (const attachmentIds of [[own], [shared], [shared]]) await send(owner, group, 'a file', { type: 'file', attachmentIds });
    await send(owner, group, 'the last');
    expect(await owner.call('admin.previewRetention', of(group))).toMatchObject({ conversations: 0, messages: 0 });
    const policy = { maxMessages: 2 };
    const figures = { conversations: 1, messages: 2, files: 1, fileBytes: 3, held: 0 };
    expect(await owner.call('admin.previewRetention', { ...of(group), policy })).toEqual(figures);
    await keep(owner, group, { maxMessages: 1 });
    expect(await owner.call('admin.previewRetention', of(group))).toEqual({ ...figures, messages: 3, files: 2, fileBytes: 6 });
    expect(await owner.call('admin.previewRetention', { ...of(group), policy })).toEqual(figures);
    expect((await owner.call('admin.previewRetention', {})).messages).toBeGreaterThanOrEqual(3);
    expect(await seqsOf(owner, group)).toEqual([1, 2, 3, 4]);
    await trim(app);
    expect(await owner.call('admin.previewRetention', of(group))).toMatchObject({ conversations: 0, messages: 0 });
  });
});

describe('an archive', () => {
  const linesOf = async (archiveId: string): Promise<Payload[]> => {
    const call = { ...as(owner.account, owner.id), authority: { by: 'person', userId: owner.id, role: 'owner' } as const };
    const { body } = await app.run(downloadArchive, { archiveId: asId<'archive'>(archiveId) }, call);
    const parts: Uint8Array[] = [];
    for await (const part of body) parts.push(part);
    return Buffer.concat(parts)
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  };

  it('holds the messages as they were, and earlier contents', async () => {
    const group = await openGroup(owner, [bob]);
    const attachment = await app.attachment(owner);
    const first = await send(owner, group, 'one \u2028 line', { mentions: [bob.id] });
    await owner.call('messages.edit', { messageId: first.id, content: 'one, rather' });
    const second = await send(bob, group, 'a file', { type: 'file', replyToId: first.id, attachmentIds: [await app.attachment(bob)] });
    await owner.call('reactions.put', { messageId: second.id, emoji: '👍' });
    const third = await send(owner, group, 'never mind', { attachmentIds: [attachment], type: 'file' });
    await owner.call('messages.delete', { messageId: third.id, for: 'everyone' });
    await send(owner, group, 'the last');
    await keep(owner, group, { maxMessages: 1, archive: true });
    expect(await trim(app)).toMatchObject({ trimmed: 3, removed: 3, archives: 1 });
    const { items } = await owner.call('admin.listArchives', of(group));
    expect(items).toEqual([
      {
        id: expect.any(String),
        ...of(group),
        firstSeq: 1,
        lastSeq: 3,
        messages: 3,
        bytes: expect.any(Number),
        createdAt: expect.any(String),
      },
    ]);
    const lines = await linesOf(items[0].id);
    expect(lines).toMatchObject([
      {
        seq: 1,
        id: first.id,
        senderId: owner.id,
        content: 'one, rather',
        mentions: [bob.id],
        edits: [{ content: 'one \u2028 line', editedBy: owner.id }],
        createdAt: first.createdAt,
      },
      { seq: 2, content: 'a file', replyToSeq: 1, reactions: { '👍': 1 }, attachments: [{ name: 'a.png', type: 'image/png', size: 3 }] },
      { seq: 3, deletedAt: expect.any(String) },
    ]);
    expect(lines[2]).not.toHaveProperty('content');
    expect(await audited('archive_downloaded')).toMatchObject([{ details: { ...of(group), firstSeq: 1, lastSeq: 3 } }]);
    expect(await viewOf(owner, group)).toMatchObject({ firstSeq: 4 });

    await owner.call('admin.deleteArchive', { archiveId: items[0].id });
    expect(await refusal(owner.call('admin.deleteArchive', { archiveId: items[0].id }))).toBe('RETENTION_ARCHIVE_NOT_FOUND');
    expect((await owner.call('admin.listArchives', of(group))).items).toEqual([]);
  });

  it('is not touched by the collector of unused files, and what an interrupted run left is dropped', async () => {
    const group = await openGroup(owner);
    await fill(owner, group, 3);
    await keep(owner, group, { maxMessages: 1, archive: true });
    await app.sql(
      `insert into retention_archive (account_id, id, conversation_id, first_seq, last_seq, messages, bytes, storage_key, created_at)
       values ($1, gen_random_uuid(), $2, 1, 2, 0, 0, $3, now())`,
      [owner.account, group.id, `${owner.account}/archive-${group.id}`],
    );
    await trim(app);
    expect((await owner.call('admin.listArchives', of(group))).items).toMatchObject([{ messages: 2 }]);
    expect(await app.sql('select from retention_archive where pending')).toEqual([]);
  });
});
