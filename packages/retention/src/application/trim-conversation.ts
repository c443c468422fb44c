import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, byServer, recordAudit } from '@coucou/application/audit/record-audit';
import { conversationUpdated } from '@coucou/application/conversations/conversation-events';
import { Conversations, Memberships } from '@coucou/application/conversations/repositories';
import type { Ports } from '@coucou/application/kernel/token';
import { messagesTrimmed } from '@coucou/application/messages/message-events';
import { tellWithdrawn } from '@coucou/application/notifications/notify-of-changes';
import { Notifications } from '@coucou/application/notifications/repositories';
import { FileStore } from '@coucou/application/ports/file-store';
import { ReceiptLog } from '@coucou/application/ports/receipt-log';
import type { Stopping } from '@coucou/application/ports/schedules';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Conversation } from '@coucou/domain/conversations/conversation';
import type { AccountId, ConversationId } from '@coucou/domain/kernel/ids';
import { retentionActions } from '../domain/audit-actions.ts';
import { type ArchiveId, Retention } from '../domain/retention.ts';
import { dropArchives, writeArchives } from './archive-messages.ts';
import { Pacing, RetentionArchives, Retentions, type TrimPlan, Trims } from './retention-repository.ts';
import { settleMarks } from './settle-marks.ts';

export const trimPorts = {
  uow: unitOfWork({
    conversations: Conversations,
    memberships: Memberships,
    trims: Trims,
    retentions: Retentions,
    archives: RetentionArchives,
    notifications: Notifications,
    auditLog: AuditLog,
  }),
  receipts: ReceiptLog,
  files: FileStore,
  pacing: Pacing,
  ...auditPorts,
};
export type TrimPorts = Ports<typeof trimPorts>;

/** Messages that disappear with one version: what changes while they are archived is archived again. */
const ROUND = 50_000;
/** Messages deleted in one transaction. */
const REMOVED_AT_ONCE = 250;
/** How often a round is begun again whose messages changed meanwhile; then the next run goes on. */
const ATTEMPTS = 5;

export type Trimmed = Readonly<{ trimmed: number; removed: number; archives: number }>;

type Place = Readonly<{ account: AccountId; conversationId: ConversationId }>;
type Outcome = 'trimmed' | 'again' | 'over';

/**
 * Trims a conversation as its policy says, in rounds: archive, settle what members have read, move the first kept seq, delete. What is
 * interrupted is found and continued by the next run. Nobody waits for it: the conversation is locked for the moment in which the first kept seq moves.
 */
export async function trimConversation(ports: TrimPorts, place: Place, stopping: Stopping): Promise<Trimmed> {
  const { uow, clock } = ports;
  const { account, conversationId } = place;
  const done = { trimmed: 0, removed: 0, archives: 0 };
  await dropArchives(ports, place);
  for (let attempts = 0; attempts < ATTEMPTS && !stopping.aborted; ) {
    const plan = await uow.read(account, (tx) => tx.trims.plan(conversationId, clock.now()));
    if (plan === undefined || plan.held) return done;
    if (plan.leftovers) {
      done.removed += await removeTrimmed(ports, place, stopping);
      if (stopping.aborted) return done;
    }
    const upTo = Retention.roundOf(plan, ROUND);
    if (upTo === undefined) return done;
    const archives = plan.archive ? await writeArchives(ports, place, plan.firstSeq, upTo, stopping) : [];
    if (archives === undefined) return done;
    if (!plan.deleted) await settleMarks(ports, place, upTo);
    const outcome = await moveFirstSeq(ports, place, plan, upTo, archives);
    if (outcome !== 'trimmed') await dropArchives(ports, place);
    if (outcome === 'over') return done;
    if (outcome === 'again') {
      attempts += 1;
      continue;
    }
    attempts = 0;
    done.trimmed += upTo - plan.firstSeq + 1;
    done.archives += archives.length;
    done.removed += await removeTrimmed(ports, place, stopping);
  }
  return done;
}

/**
 * The moment from which the messages are there for nobody: one version, and one event to all members. `again` where something has changed that the round
 * rests on; `over` where nothing is to be trimmed any more.
 */
const moveFirstSeq = (
  ports: TrimPorts,
  { account, conversationId }: Place,
  { firstSeq, version, deleted }: TrimPlan,
  upTo: number,
  archives: readonly ArchiveId[],
): Promise<Outcome> =>
  ports.uow.write(account, async (tx): Promise<Outcome> => {
    const conversation = deleted ? undefined : await tx.conversations.lock(conversationId);
    if (conversation === undefined && !deleted) return 'over';
    await tx.retentions.lock(account);
    await tx.retentions.lock(account, conversationId);
    const plan = await tx.trims.plan(conversationId, ports.clock.now());
    if (plan === undefined || plan.held || plan.target < upTo) return 'over';
    if (plan.firstSeq !== firstSeq) return 'again';
    if (archives.length > 0 && (await tx.trims.isChanged(conversationId, version, upTo))) return 'again';
    if (conversation === undefined) await tx.trims.moveFloor(conversationId, upTo + 1);
    else {
      if ((await tx.trims.laggards(conversationId, upTo, 1)).length > 0) return 'again';
      const trimmed = Conversation.trim(conversation, upTo + 1);
      if (trimmed === undefined) return 'over';
      await tx.conversations.trim(trimmed);
      tx.emit(conversationUpdated({ conversation: trimmed }));
    }
    await tx.archives.complete(archives);
    await recordAudit(ports, tx, { account, ...byServer }, retentionActions.messages_trimmed, {
      target: conversationId,
      details: { fromSeq: firstSeq, toSeq: upTo, archives: archives.length },
    });
    return 'trimmed';
  });

/** Deletes what nobody sees any more, in small transactions that lock nothing else. */
async function removeTrimmed({ uow, pacing }: TrimPorts, { account, conversationId }: Place, stopping: Stopping): Promise<number> {
  let messages = 0;
  for (let isDone = false; !isDone && !stopping.aborted; ) {
    const removed = await pacing.paced(() =>
      uow.write(account, async (tx) => {
        const { hold } = await tx.retentions.lock(account);
        if (hold !== undefined || (await tx.retentions.lock(account, conversationId)).hold !== undefined) return undefined;
        const batch = await tx.trims.remove(account, conversationId, REMOVED_AT_ONCE);
        tellWithdrawn(tx, batch.withdrawn);
        if (batch.withParts.length > 0) tx.emit(messagesTrimmed({ conversationId, messageIds: batch.withParts }));
        return batch;
      }),
    );
    if (removed === undefined) return messages;
    messages += removed.messages;
    isDone = removed.isDone;
  }
  return messages;
}
