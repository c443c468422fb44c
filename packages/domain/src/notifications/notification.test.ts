import { describe, expect, it } from 'vitest';
import { asId } from '../kernel/ids.ts';
import { type Concerned, Notification } from './notification.ts';

const noon = new Date('2026-01-15T12:00:00.000Z');
const bob: Concerned = { userId: asId('bob'), why: 'mention', notify: 'all', mutedUntil: undefined, mentionsOnly: false, blocked: false };
const told = (change: Partial<Concerned>) => Notification.ofMessage({ ...bob, ...change }, noon);

describe('who is notified of a message', () => {
  it.each<[string, Partial<Concerned>, string | undefined]>([
    ['a mentioned member', {}, 'mention'],
    ['everyone, when everyone is', { why: 'everyone' }, 'mention'],
    ['the author of what is replied to', { why: 'reply' }, 'reply'],
    ['a member with mentions only, of a mention', { notify: 'mentions' }, 'mention'],
    ['a member with mentions only, not of a reply', { notify: 'mentions', why: 'reply' }, undefined],
    ['a user with mentions only everywhere, of a mention', { mentionsOnly: true }, 'mention'],
    ['a user with mentions only everywhere, not of a reply', { mentionsOnly: true, why: 'reply' }, undefined],
    ['nobody who wants nothing', { notify: 'none' }, undefined],
    ['nobody who muted the conversation', { mutedUntil: new Date(noon.getTime() + 1) }, undefined],
    ['a member whose mute has just ended', { mutedUntil: noon }, 'mention'],
    ['nobody across a block', { blocked: true }, undefined],
  ])('%s', (_, change, kind) => {
    expect(told(change)).toBe(kind);
  });
});
