import { asId, type UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { describe, expect, it } from 'vitest';
import type { MovedMark } from '../ports/receipt-log.ts';
import { movedEvents, openedEvent, receiptPublisher, revealedEvent } from './receipt-audience.ts';

const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => asId<'user'>(name)) as [UserId, UserId, UserId];
const holidays = asId<'conversation'>('holidays');
const work = asId<'conversation'>('work');
const moved = (userId: UserId, more: Partial<MovedMark> = {}): MovedMark => ({
  conversationId: holidays,
  userId,
  deliveredSeq: 7,
  readSeq: 5,
  receiptsVersion: 3,
  memberCount: 3,
  showsRead: true,
  blockedWith: [],
  ...more,
});
const head = { type: 'receipts.moved', conversationId: holidays, receiptsVersion: 3 };
const item = (userId: UserId, readSeq = 5) => ({ userId, deliveredSeq: 7, readSeq });

describe('marks that moved', () => {
  it('go to the watchers in one event for each conversation, and to the devices of each person', () => {
    expect(movedEvents([moved(alice), moved(bob), moved(alice, { conversationId: work, receiptsVersion: 9 })])).toEqual([
      { ...head, items: [item(alice), item(bob)] },
      { ...head, items: [item(alice)], only: alice },
      { ...head, items: [item(bob)], only: bob },
      { ...head, conversationId: work, receiptsVersion: 9, items: [item(alice)] },
      { ...head, conversationId: work, receiptsVersion: 9, items: [item(alice)], only: alice },
    ]);
  });

  it('show how far someone has read who keeps that from others to their own devices only', () => {
    expect(movedEvents([moved(alice, { showsRead: false })])).toEqual([
      { ...head, items: [item(alice, 0)] },
      { ...head, items: [item(alice)], only: alice },
    ]);
  });

  it('of someone with a block travel apart from the others, past the people across it', () => {
    expect(movedEvents([moved(alice, { blockedWith: [carol] }), moved(bob)])).toEqual([
      { ...head, items: [item(bob)] },
      { ...head, items: [item(alice)], except: [carol] },
      { ...head, items: [item(alice)], only: alice },
      { ...head, items: [item(bob)], only: bob },
    ]);
  });

  it('tell the watchers the version, even where no mark is for all of them', () => {
    expect(movedEvents([moved(alice, { blockedWith: [carol], showsRead: false })])).toEqual([
      { ...head, items: [] },
      { ...head, items: [item(alice, 0)], except: [carol] },
      { ...head, items: [item(alice)], only: alice },
    ]);
  });

  it('go to no watcher of a conversation that has more members than marks are shown one by one to', () => {
    const only = [{ ...head, items: [item(alice)], only: alice }];
    expect(movedEvents([moved(alice, { memberCount: limits.individualReceipts })])).toHaveLength(2);
    expect(movedEvents([moved(alice, { memberCount: limits.individualReceipts + 1, blockedWith: [carol] })])).toEqual(only);
  });
});

describe('marks that others may know from now on', () => {
  const receipt = item(alice);
  it('go to the watchers, past the people across a block', () => {
    const opened = { conversationId: holidays, receiptsVersion: 3, receipt, blockedWith: [carol] };
    expect(openedEvent(opened)).toEqual({ ...head, items: [receipt], except: [carol] });
  });

  it('go to the other one alone after a block', () => {
    expect(revealedEvent({ conversationId: holidays, receiptsVersion: 3, receipt, to: bob })).toEqual({
      ...head,
      items: [receipt],
      only: bob,
    });
  });
});

it('publishes sums to the person whose they are, in the account of the batch', () => {
  const published: unknown[] = [];
  const account = asId<'account'>('acme');
  const publisher = receiptPublisher({ publish: (...given) => void published.push(given) });
  const total = { userId: alice, total: 4, mentions: 1, conversationId: holidays, messages: 2 };
  publisher.recounted(account, [total]);
  publisher.moved(account, [moved(alice, { memberCount: 500 })]);
  expect(published).toEqual([
    [account, [{ type: 'unread.changed', ...total }]],
    [account, [{ ...head, items: [item(alice)], only: alice }]],
  ]);
});
