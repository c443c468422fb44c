import { useCase } from '../kernel/use-case.ts';
import { type Mark, ReceiptLog } from '../ports/receipt-log.ts';

export const markReceipts = useCase({
  name: 'receipts.mark',
  deps: { log: ReceiptLog },
  run: ({ log }, { items }: Readonly<{ items: readonly Mark[] }>, { account, actor }) => log.mark(account, actor.userId, items),
});
