import type { AccountId, ConversationId } from '@coucou/domain/kernel/ids';
import type { MentionChange } from '@coucou/domain/messages/message-change';
import { subscriber } from '../kernel/subscriber.ts';
import { messageDeleted, messageUpdated } from '../messages/message-events.ts';
import { ReceiptLog } from '../ports/receipt-log.ts';

type Changed = Readonly<{ account: AccountId; conversationId: ConversationId; seq: number; mentions?: MentionChange | undefined }>;

/** Unread mentions follow what a message mentions now: an edit adds and drops them, and a deletion drops all. */
async function recount(log: ReceiptLog, { account, conversationId, seq, mentions }: Changed): Promise<void> {
  if (mentions === undefined) return;
  const { added, dropped, everyone } = mentions;
  await log.recountMentions(account, { conversationId, seq, named: [...added, ...dropped], everyone: everyone !== 'same' });
}

export const recountEdited = subscriber({
  name: 'receipts.recountEdited',
  on: messageUpdated,
  deps: { log: ReceiptLog },
  run: ({ log }, event) => recount(log, event),
});

export const recountDeleted = subscriber({
  name: 'receipts.recountDeleted',
  on: messageDeleted,
  deps: { log: ReceiptLog },
  run: ({ log }, event) => recount(log, event),
});
