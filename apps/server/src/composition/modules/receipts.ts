import { bind } from '@coucou/application/kernel/module';
import { listReceipts } from '@coucou/application/receipts/list-receipts';
import { markReceipts } from '@coucou/application/receipts/mark-receipts';
import { messageReaders } from '@coucou/application/receipts/message-readers';
import * as contract from '@coucou/contracts/receipts/receipts';
import { presentMarked, presentReaders, presentReceiptPage } from '@coucou/features/receipts/presenters';
import type { Module } from '../compose.ts';

export const receipts: Module = {
  name: 'receipts',
  operations: [
    bind(contract.markReceipts, markReceipts, presentMarked),
    bind(contract.listReceipts, listReceipts, presentReceiptPage),
    bind(contract.messageReaders, messageReaders, presentReaders),
  ],
};
