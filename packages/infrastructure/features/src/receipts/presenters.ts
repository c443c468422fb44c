import type { Marked } from '@coucou/application/ports/receipt-log';
import type { Readers, ReceiptPage } from '@coucou/application/receipts/receipt-reader';
import type { listReceipts, markReceipts, messageReaders, Receipt as WireReceipt } from '@coucou/contracts/receipts/receipts';
import type { Receipt } from '@coucou/domain/receipts/receipt';
import type { z } from 'zod';

export const presentReceipt = (receipt: Receipt): z.infer<typeof WireReceipt> => ({
  userId: receipt.userId,
  deliveredSeq: receipt.deliveredSeq,
  readSeq: receipt.readSeq,
});

export const presentMarked = (marked: readonly Marked[]): z.infer<NonNullable<(typeof markReceipts)['output']>> => ({
  items: marked.map((one) => ({
    conversationId: one.conversationId,
    deliveredSeq: one.deliveredSeq,
    readSeq: one.readSeq,
    receiptsVersion: one.receiptsVersion,
    unread: { messages: one.unread },
  })),
});

export const presentReceiptPage = (page: ReceiptPage): z.infer<NonNullable<(typeof listReceipts)['output']>> => ({
  receiptsVersion: page.receiptsVersion,
  items: page.items.map(presentReceipt),
  nextCursor: page.nextCursor ?? null,
});

export const presentReaders = (readers: Readers): z.infer<NonNullable<(typeof messageReaders)['output']>> => ({
  members: readers.members,
  delivered: readers.delivered,
  read: readers.read,
  readBy: readers.readBy && [...readers.readBy],
  deliveredTo: readers.deliveredTo && [...readers.deliveredTo],
});
