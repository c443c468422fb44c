import { bind } from '@coucou/application/kernel/operation';
import { listReceipts } from '@coucou/application/receipts/list-receipts';
import { markReceipts } from '@coucou/application/receipts/mark-receipts';
import { messageReaders } from '@coucou/application/receipts/message-readers';
import { recountDeleted, recountEdited } from '@coucou/application/receipts/recount-mentions';
import { ReceiptReader } from '@coucou/application/receipts/receipt-reader';
import * as contract from '@coucou/contracts/receipts/receipts';
import { reader } from '@coucou/postgres/kit/storage-parts';
import { createReceiptReader } from '@coucou/postgres/receipts/receipt-reader';
import { feature } from '../feature.ts';
import { receiptEvents } from './events.ts';
import { presentMarked, presentReaders, presentReceiptPage } from './presenters.ts';

export const receiptsFeature = feature({
  name: 'receipts',
  operations: [
    bind(contract.markReceipts, markReceipts, presentMarked),
    bind(contract.listReceipts, listReceipts, presentReceiptPage),
    bind(contract.messageReaders, messageReaders, presentReaders),
  ],
  events: receiptEvents,
  subscribers: [recountEdited, recountDeleted],
  storage: {
    readers: [reader(ReceiptReader, createReceiptReader)],
  },
});
