import { BlockRules } from '@coucou/domain/blocks/block-rules';
import type { Revealed } from '@coucou/domain/blocks/block-repository';
import { limits } from '@coucou/domain/kernel/limits';
import type { OpenedMarks } from '@coucou/domain/preferences/preferences';
import type { DomainEvent } from '../kernel/event.ts';
import type { LiveEvents } from '../ports/live-events.ts';
import type { MovedMark, ReceiptObserver, UnreadTotal } from '../ports/receipt-log.ts';
import { type ReceiptsMoved, receiptsMoved, unreadChanged } from './receipt-events.ts';

/** Publishes what the receipt log wrote. */
export const receiptPublisher = (live: LiveEvents): ReceiptObserver => ({
  moved: (account, marks) => live.publish(account, movedEvents(marks)),
  recounted: (account, totals) => live.publish(account, totals.map(unreadEvent)),
});

/**
 * Who receives the marks of one batch. One event per conversation goes to its watchers, unless it has too many members for
 * that, and a separate one for each member with a block, which leaves out the other side. Each user's own marks go to
 * their own devices, including what is hidden from others.
 */
export function movedEvents(moved: readonly MovedMark[]): ReceiptsMoved[] {
  return [...Map.groupBy(moved, (mark) => mark.conversationId)].flatMap(([conversationId, marks]) => {
    const [first] = marks;
    const { receiptsVersion = 0, memberCount = 0 } = first ?? {};
    const head = { conversationId, receiptsVersion };
    const own = marks.map((mark) => receiptsMoved({ ...head, items: [itemOf(mark, mark.readSeq)], only: mark.userId }));
    if (memberCount > limits.individualReceipts) return own;
    const isShared = (mark: MovedMark) => hiddenFrom(mark).length === 0;
    // Even without items: it carries the version to the watchers.
    const shared = receiptsMoved({ ...head, items: marks.filter(isShared).map(publicItemOf) });
    const restricted = marks
      .filter((mark) => !isShared(mark))
      .map((mark) => receiptsMoved({ ...head, items: [publicItemOf(mark)], except: hiddenFrom(mark) }));
    return [shared, ...restricted, ...own];
  });
}

const hiddenFrom = ({ blockedWith }: Pick<MovedMark, 'blockedWith'>) => BlockRules.hiddenFrom('receipts', blockedWith);

const itemOf = ({ userId, deliveredSeq }: MovedMark, readSeq: number) => ({ userId, deliveredSeq, readSeq });
const publicItemOf = (mark: MovedMark) => itemOf(mark, mark.showsRead ? mark.readSeq : 0);

const unreadEvent = (total: UnreadTotal): DomainEvent => unreadChanged(total);

/** After a user switched read receipts on: to the watchers, but not across a block. */
export const openedEvent = ({ conversationId, receiptsVersion, receipt, blockedWith }: OpenedMarks): ReceiptsMoved =>
  receiptsMoved({ conversationId, receiptsVersion, items: [receipt], except: hiddenFrom({ blockedWith }) });

/** After the last block between two users ended: to the other user only; everybody else received it when it moved. */
export const revealedEvent = ({ conversationId, receiptsVersion, receipt, to }: Revealed): ReceiptsMoved =>
  receiptsMoved({ conversationId, receiptsVersion, items: [receipt], only: to });
