import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import { Membership } from '@coucou/domain/conversations/membership';
import type { MembershipRepository } from '@coucou/domain/conversations/membership-repository';
import type { AccountId, ConversationId } from '@coucou/domain/kernel/ids';
import { unreadMessages } from '@coucou/domain/receipts/unread';
import { membershipUpdated } from '@coucou/application/conversations/update-membership';
import type { ReceiptLog } from '@coucou/application/ports/receipt-log';
import type { UnitOfWork } from '@coucou/application/ports/unit-of-work';
import type { Laggard, Pacing, TrimRepository } from './retention-repository.ts';

type SettlePorts = Readonly<{
  uow: UnitOfWork<Readonly<{ conversations: ConversationRepository; memberships: MembershipRepository; trims: TrimRepository }>>;
  receipts: ReceiptLog;
  pacing: Pacing;
}>;
type Place = Readonly<{ account: AccountId; conversationId: ConversationId }>;

/** Members whose marks move in one statement, under the conversation's lock: each counts a round of messages, about a millisecond. */
const AT_ONCE = 20;
/** Rounds for members who keep marking messages unread that are about to go. */
const MOST_ROUNDS = 1_000;

/**
 * Counts as read what is about to be trimmed, as if every member had read it, so that nobody has messages unread that are not there. It goes
 * through the log that all marks go through: what members, their devices and others know of their marks is told as ever. Who marked messages
 * unread keeps that, from the first one that stays.
 */
export async function settleMarks(ports: SettlePorts, place: Place, upTo: number): Promise<void> {
  const { uow, receipts, pacing } = ports;
  const { account, conversationId } = place;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const laggards = await uow.read(account, (tx) => tx.trims.laggards(conversationId, upTo, AT_ONCE));
    if (laggards.length === 0) return;
    await pacing.paced(async () => {
      await Promise.all(
        laggards.map(({ userId }) => receipts.mark(account, userId, [{ conversationId, deliveredSeq: upTo, readSeq: upTo }])),
      );
      for (const laggard of laggards) if (laggard.unreadFromSeq !== undefined) await keepUnread(ports, place, laggard, upTo);
    });
  }
}

/** Not where the member has read something, or marked something unread, in between. */
async function keepUnread(
  { uow, receipts }: SettlePorts,
  { account, conversationId }: Place,
  { userId, readSeq, unreadFromSeq = 0 }: Laggard,
  upTo: number,
): Promise<void> {
  const fromSeq = Math.max(unreadFromSeq, upTo + 1);
  const changed = await uow.write(account, async (tx) => {
    const conversation = await tx.conversations.lock(conversationId);
    const own = await tx.memberships.lookup(conversationId, userId);
    if (conversation === undefined || own === undefined || own.leftAt !== undefined) return false;
    if (own.unreadFromSeq !== undefined || own.readSeq !== Math.max(readSeq, upTo)) return false;
    const counts = await tx.memberships.countAround(conversationId, userId, fromSeq);
    const marked = counts && Membership.markUnread(own, fromSeq, counts);
    if (marked === undefined) return false;
    await tx.memberships.update(marked);
    tx.emit(membershipUpdated(marked, unreadMessages(conversation, marked)));
    return true;
  });
  if (changed) receipts.recountMember(account, userId, conversationId);
}
