import { describe, expect, it } from 'vitest';
import { asId } from '../kernel/ids.ts';
import { Conversation } from './conversation.ts';

const [accountId, id, createdBy] = [asId<'account'>('a'), asId<'conversation'>('c'), asId<'user'>('alice')];
const group = Conversation.createGroup({
  accountId,
  id,
  createdBy,
  now: new Date(0),
  title: 'Lunch',
  visibility: 'private',
  memberIds: [],
}).conversation;

describe('trimming', () => {
  const long = { ...group, lastSeq: 10, version: 11, firstSeq: 4, trimmedVersion: 9 };

  it('moves the first kept seq, with one version', () => {
    expect(Conversation.trim(long, 6)).toEqual({ ...long, firstSeq: 6, version: 12, trimmedVersion: 12 });
  });

  it('never moves it back', () => {
    expect([Conversation.trim(long, 4), Conversation.trim(long, 1)]).toEqual([undefined, undefined]);
  });

  it('leaves the number of the next message as it is, where none is left', () => {
    expect(Conversation.trim(long, 100)).toMatchObject({ firstSeq: 11, lastSeq: 10 });
  });
});
