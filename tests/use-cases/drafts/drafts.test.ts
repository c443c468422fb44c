import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openGroup, refusal, send } from '../calls.ts';

/** Drafts. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
let outsider: Caller;
let stranger: Caller;
beforeAll(async () => {
  app = await openTestApp();
  [alice, bob, outsider] = await Promise.all([app.person('alice'), app.person('bob'), app.person('dan')]);
  stranger = await app.person('stranger', await app.account());
});
afterAll(() => app.close());

const feed = () =>
  app.told.filter(({ event }) => event === 'user:event').map(({ to, payload }) => [to['userId'], payload['kind'], payload['payload']]);

describe('a draft', () => {
  it('is kept for one’s own devices', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await send(alice, group, 'well?');
    const path = { conversationId: group.id };
    expect(await refusal(bob.call('drafts.get', path))).toBe('NOT_FOUND');
    app.told.length = 0;
    await bob.call('drafts.put', { ...path, content: 'I th', replyToId: message.id });
    const draft = await bob.call('drafts.put', { ...path, content: 'I think' });
    expect(await bob.call('drafts.put', { ...path, content: 'I think' })).toEqual(draft);
    expect(await bob.call('drafts.get', path)).toEqual(draft);
    expect(draft).toMatchObject({ content: 'I think' });
    expect(draft).not.toHaveProperty('replyToId');
    expect(await refusal(alice.call('drafts.get', path))).toBe('NOT_FOUND');
    await bob.call('drafts.delete', path);
    await bob.call('drafts.delete', path);
    expect(feed().map(([who, kind, payload]) => [who, kind, payload.content])).toEqual([
      [bob.id, 'draft.updated', 'I th'],
      [bob.id, 'draft.updated', 'I think'],
      [bob.id, 'draft.updated', undefined],
    ]);
  });

  it('is for members, and replies to what they see', async () => {
    const [group, elsewhere] = [await openGroup(alice, [bob]), await openGroup(alice, [bob])];
    for (const person of [outsider, stranger]) {
      expect(await refusal(person.call('drafts.put', { conversationId: group.id, content: 'x' }))).toBe('CONVERSATION_NOT_FOUND');
      expect(await refusal(person.call('drafts.get', { conversationId: group.id }))).toBe('CONVERSATION_NOT_FOUND');
    }
    const message = await send(alice, elsewhere, 'x');
    expect(await refusal(bob.call('drafts.put', { conversationId: group.id, content: 'x', replyToId: message.id }))).toBe(
      'MESSAGE_NOT_FOUND',
    );
    expect(await refusal(bob.call('drafts.put', { conversationId: group.id, content: 'x', replyToId: randomUUID() }))).toBe(
      'MESSAGE_NOT_FOUND',
    );
    expect(await refusal(bob.call('drafts.put', { conversationId: group.id, content: '' }))).toBe('VALIDATION_FAILED');
  });
});
