import { accountErrors } from '@coucou/domain/accounts/account';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { messageErrors } from '@coucou/domain/messages/message';
import { type DueOccurrence, type Outcome, ScheduledMessage } from '@coucou/domain/scheduled/scheduled-message';
import { OwnAccounts } from '../accounts/repositories.ts';
import { callLimitPorts, createCallLimits } from '../kernel/call-limits.ts';
import { callInName } from '../kernel/call-in-name.ts';
import type { DurableEvent, FactOf } from '../kernel/event.ts';
import { batchSubscriber } from '../kernel/subscriber.ts';
import type { Ports } from '../kernel/token.ts';
import { findSent } from '../messages/resend.ts';
import { sendContent, sendPorts } from '../messages/send-content.ts';
import { RequestDigests } from '../ports/request-digests.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserAdministration } from '../users/repositories.ts';
import { ScheduledMessages } from './repositories.ts';
import { awaitNext, scheduledDue, scheduledFailed, tellOwner } from './scheduled-events.ts';

const deps = {
  ...sendPorts,
  ...callLimitPorts,
  digests: RequestDigests,
  uow: unitOfWork({ scheduled: ScheduledMessages, accounts: OwnAccounts, administration: UserAdministration }),
};
type Given = Ports<typeof deps>;
type Due = DurableEvent<FactOf<typeof scheduledDue>>;

/** Conversations in which messages are sent at once: a flood that is due in one second gives way to what people send. */
const AT_ONCE = 8;

/**
 * Sends what is due. The row says `sending` before the message is appended, and goes on after. A crash in between repeats it: the
 * `clientMessageId` is made of the occurrence, so the append finds what it stored before.
 */
export const sendDue = batchSubscriber({
  name: 'scheduled.send',
  on: scheduledDue,
  deps,
  async run(ports, account, events) {
    // Within one conversation in the order in which they were due, and then written.
    const inOrder = events.toSorted((a, b) => compare(a.at, b.at) || compare(a.scheduledMessageId, b.scheduledMessageId));
    const queues = [...Map.groupBy(inOrder, ({ conversationId }) => conversationId).values()];
    const send = async (queue: readonly Due[]) => {
      for (const due of queue) await sendOne(ports, account, due);
    };
    for (let at = 0; at < queues.length; at += AT_ONCE) await Promise.all(queues.slice(at, at + AT_ONCE).map(send));
  },
});

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

async function sendOne(ports: Given, account: AccountId, { id: requestId, scheduledMessageId, revision, at }: Due): Promise<void> {
  const due = { revision, at: new Date(at) };
  const claimed = await ports.uow.write(account, async (tx) => {
    const found = await tx.scheduled.lock(scheduledMessageId);
    if (found === undefined || !ScheduledMessage.awaits(found, due)) return undefined;
    // What somebody left who is deleted goes with the erasure that follows.
    if (await tx.administration.isDeleted(found.senderId)) return undefined;
    const isRepeated = found.status === 'sending';
    await tx.scheduled.update(ScheduledMessage.begin(found, ports.clock.now()));
    return { found, isRepeated, isSuspended: (await tx.accounts.own()).suspendedAt !== undefined };
  });
  if (claimed === undefined) return;
  const outcome = await attempt(ports, claimed, due, requestId);
  await ports.uow.write(account, async (tx) => {
    const locked = await tx.scheduled.lock(scheduledMessageId);
    if (locked?.status !== 'sending' || !ScheduledMessage.awaits(locked, due)) return;
    // Its owner has changed nothing meanwhile.
    const found = { ...locked, updatedAt: claimed.found.updatedAt };
    if ('retryAfterSeconds' in outcome) {
      await tx.scheduled.update({ ...found, status: 'scheduled' });
      tx.emit(scheduledDue({ scheduled: found, dueAt: addSeconds(ports.clock.now(), outcome.retryAfterSeconds) }));
      return;
    }
    const settled = ScheduledMessage.settle(found, outcome, ports.clock.now());
    if (settled === undefined) await tx.scheduled.remove(found.id);
    else await tx.scheduled.update(settled);
    const refused = 'refusal' in outcome ? { code: outcome.refusal } : { messageId: outcome.message.id };
    if (settled?.status === 'scheduled') awaitNext(tx, settled, refused);
    else if (settled !== undefined) {
      tellOwner(tx, found, { state: 'failed', code: settled.refusal ?? errors.INTERNAL.code });
      if (found.owner === 'person') tx.emit(scheduledFailed({ scheduled: found }));
    } else if ('message' in outcome) tellOwner(tx, found, { state: 'sent', messageId: outcome.message.id });
  });
}

type Claimed = Readonly<{ found: ScheduledMessage; isRepeated: boolean; isSuspended: boolean }>;

/** What passes by itself, and may take longer than an event of the outbox is tried for. */
const DELAYED: readonly string[] = [messageErrors.SLOW_MODE.code, errors.RATE_LIMITED.code, messageErrors.HOOK_UNAVAILABLE.code];

/** Sends it as `messages.send` does, with the same limits. Throws only what is no fault of the message, and may be over later. */
async function attempt(
  ports: Given,
  { found, isRepeated, isSuspended }: Claimed,
  due: DueOccurrence,
  requestId: string,
): Promise<Outcome | Readonly<{ retryAfterSeconds: number }>> {
  const { accountId, conversationId, senderId, owner: _owner, ...written } = found;
  const occurrence = [found.id, String(due.revision), due.at.toISOString()];
  const identity = {
    accountId,
    conversationId,
    senderId,
    id: ports.ids.next<'message'>(),
    clientMessageId: ports.digests.uuid([accountId, ...occurrence]),
  };
  const asSent = { scheduled: occurrence };
  const call = callInName(accountId, senderId, found.id, requestId);
  const limits = createCallLimits(ports).ofOperations;
  try {
    const sent = isRepeated ? await findSent(ports.log, identity, asSent) : undefined;
    if (sent !== undefined) return sent;
    if (isSuspended) return { refusal: accountErrors.SUSPENDED.code };
    await limits.take('messages', { conversationId }, call);
    try {
      return await sendContent(ports, identity, written, asSent, call);
    } catch (error) {
      limits.giveBack('messages', { conversationId }, call);
      throw error;
    }
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    const { retryAfterSeconds } = error.details as Readonly<{ retryAfterSeconds?: number }>;
    if (DELAYED.includes(error.code)) return { retryAfterSeconds: retryAfterSeconds ?? 1 };
    if (error.kind === 'unavailable' || error.kind === 'internal') throw error;
    return { refusal: error.code };
  }
}
