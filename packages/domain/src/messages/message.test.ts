import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../conversations/conversation.ts';
import { asId } from '../kernel/ids.ts';
import { hasVisible } from '../kernel/visible.ts';
import { type AttachmentSummary, Message, type MessageType, type NewMessage, type PostingSnapshot } from './message.ts';

const noon = new Date('2026-01-15T12:00:00.000Z');

const hello: NewMessage = {
  accountId: asId('account'),
  conversationId: asId('conversation'),
  id: asId('message'),
  senderId: asId('alice'),
  clientMessageId: 'a client message id',
  type: 'text',
  content: 'hello',
  data: undefined,
  parts: undefined,
  replyTo: undefined,
  threadRoot: undefined,
  mentions: [],
  mentionAll: false,
  attachments: [],
  forwarded: false,
};
const photo: AttachmentSummary = {
  id: asId('attachment'),
  name: 'photo.png',
  type: 'image/png',
  size: 1,
  width: 1,
  height: 1,
  hasThumbnail: false,
};
const present = { role: 'member', leftAt: undefined, postingMutedUntil: undefined } as const;
const snapshot = (member: PostingSnapshot['member'] = present): PostingSnapshot => ({
  type: 'group',
  settings: defaultSettings,
  accessVersion: 4,
  member,
  blocked: false,
  suspended: false,
  mutedUntil: undefined,
});
const failing = (code: string, details = {}) => expect.objectContaining({ code, details: expect.objectContaining(details) });

describe('posting', () => {
  it('makes a draft that says which access version it rests on', () => {
    expect(Message.post(snapshot(), hello, noon)).toEqual({
      ...hello,
      accessVersion: 4,
      seat: { role: 'member', announces: false },
      countable: true,
      slowable: true,
    });
    const owner = { ...present, role: 'owner' } as const;
    expect(Message.post(snapshot(owner), hello, noon).seat).toEqual({ role: 'owner', announces: true });
    expect(Message.post({ ...snapshot(), type: 'direct' }, hello, noon).seat).toBeUndefined();
  });

  it('counts every message but those of the system as unread for the others', () => {
    const countable = (type: MessageType) => Message.post(snapshot(), { ...hello, type, data: {}, attachments: [photo] }, noon).countable;
    expect((['text', 'image', 'file', 'custom', 'system'] as const).map(countable)).toEqual([true, true, true, true, false]);
  });

  it('tells nobody but members that the conversation exists', () => {
    const strangers = [undefined, { ...snapshot(), member: undefined }, snapshot({ ...present, leftAt: noon })];
    for (const stranger of strangers) expect(() => Message.post(stranger, hello, noon)).toThrow(failing('CONVERSATION_NOT_FOUND'));
  });

  it('hides the conversation from strangers even when the message itself is wrong', () => {
    expect(() => Message.post(undefined, { ...hello, content: '' }, noon)).toThrow(failing('CONVERSATION_NOT_FOUND'));
  });

  it('waits until a mute is over, to the millisecond', () => {
    const mutedUntil = (ms: number) => snapshot({ ...present, postingMutedUntil: new Date(noon.getTime() + ms) });
    expect(() => Message.post(mutedUntil(1), hello, noon)).toThrow(
      failing('POSTING_NOT_ALLOWED', { reason: 'muted', until: '2026-01-15T12:00:00.001Z' }),
    );
    expect(Message.post(mutedUntil(0), hello, noon).content).toBe('hello');
  });

  it.each<[string, Partial<NewMessage>, string]>([
    ['text without text', { content: undefined }, 'content'],
    ['text of nothing but space', { content: ' \n\t\u00a0' }, 'content'],
    ['text with nothing to see', { content: '\u200b\u3164\u2800' }, 'content'],
    ['a caption with nothing to see', { type: 'image', content: '\u00ad', attachments: [photo] }, 'content'],
    ['a custom message without data', { type: 'custom', content: 'a caption' }, 'data'],
    ['an image without attachments', { type: 'image', content: 'a caption' }, 'attachmentIds'],
    ['a file without attachments', { type: 'file' }, 'attachmentIds'],
  ])('refuses %s', (_, change, path) => {
    const refusal = expect.objectContaining({
      code: 'VALIDATION_FAILED',
      details: [expect.objectContaining({ path: [path], rule: 'required' })],
    });
    expect(() => Message.post(snapshot(), { ...hello, ...change }, noon)).toThrow(refusal);
  });

  it('takes a custom message without text', () => {
    const custom = { ...hello, type: 'custom', content: undefined, data: {} } as const;
    expect(Message.post(snapshot(), custom, noon)).toMatchObject({ content: undefined, data: {} });
  });

  it('keeps any text that shows something exactly as it was written', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }).filter(hasVisible), (content) => {
        expect(Message.post(snapshot(), { ...hello, content }, noon).content).toBe(content);
      }),
    );
  });
});
