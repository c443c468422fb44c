import type { AccountId, ConversationId, Instant, ScheduledMessageId, UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import {
  type Recurrence,
  type ScheduledContent,
  ScheduledMessage,
  type ScheduledOwner,
  scheduledErrors,
} from '@coucou/domain/scheduled/scheduled-message';
import type { ScheduledMessageRepository } from '@coucou/domain/scheduled/scheduled-message-repository';
import { scheduledActions } from '@coucou/domain/scheduled/audit-actions';
import { Administration } from '@coucou/domain/users/administration';
import { userErrors } from '@coucou/domain/users/user';
import { rankOf } from '../accounts/authority-rank.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { AdminCall } from '../kernel/call.ts';
import { callInName } from '../kernel/call-in-name.ts';
import type { Ports } from '../kernel/token.ts';
import { adminUseCase, useCase } from '../kernel/use-case.ts';
import { requireSendable, sendPorts, type WrittenContent } from '../messages/send-content.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { ScheduledMessages } from './repositories.ts';
import { awaitNext, scheduledAmended, tellOwner } from './scheduled-events.ts';

type Asked = WrittenContent & Readonly<{ sendAt: string; recurrence?: Recurrence | undefined }>;
type InConversation = Readonly<{ conversationId: ConversationId }>;
type Named = Readonly<{ scheduledMessageId: ScheduledMessageId }>;

const deps = { ...sendPorts, uow: unitOfWork({ scheduled: ScheduledMessages, users: Users, auditLog: AuditLog }) };
type Given = Ports<typeof deps>;

const contentOf = (asked: Asked): ScheduledContent => ({
  type: asked.type,
  content: asked.content,
  data: asked.data,
  replyToId: asked.replyToId,
  threadRootId: asked.threadRootId,
  attachmentIds: asked.attachmentIds ?? [],
  mentions: asked.mentions ?? [],
  expiresInSeconds: asked.expiresInSeconds,
});

const timingOf = ({ sendAt, recurrence }: Asked) => ({ sendAt: new Date(sendAt), recurrence });

/** What could not be sent now is not taken for later: its author learns of it while they can still change it. */
const requireSendableNow = (ports: Given, asked: Asked, place: Pick<ScheduledMessage, 'accountId' | 'conversationId' | 'senderId'>) => {
  const { accountId, conversationId, senderId } = place;
  const id = ports.ids.next<'message'>();
  const identity = { accountId, conversationId, senderId, id, clientMessageId: ports.ids.next() };
  return requireSendable(ports, identity, asked, callInName(accountId, senderId, id, id));
};

/** Throws what `ScheduledMessage.create` and `messages.send` throw, and `SCHEDULED_MESSAGE_LIMIT_REACHED`. */
async function schedule(
  ports: Given,
  account: AccountId,
  { owner, senderId, asked, by }: Readonly<{ owner: ScheduledOwner; senderId: UserId; asked: Asked & InConversation; by?: AdminCall }>,
): Promise<ScheduledMessage> {
  const place = { accountId: account, conversationId: asked.conversationId, senderId };
  const written = { ...contentOf(asked), ...place, id: ports.ids.next<'scheduledMessage'>(), owner };
  const scheduled = ScheduledMessage.create(written, timingOf(asked), ports.clock.now());
  await requireSendableNow(ports, asked, place);
  return ports.uow.write(account, async (tx) => {
    const most = owner === 'person' ? limits.scheduled.perPerson : limits.scheduled.perAccount;
    if ((await tx.scheduled.lockCount(owner, senderId)) >= most) throw scheduledErrors.SCHEDULED_MESSAGE_LIMIT_REACHED({ limit: most });
    await tx.scheduled.add(scheduled);
    awaitNext(tx, scheduled);
    if (by !== undefined) {
      const details = { senderId, conversationId: asked.conversationId, sendAt: asked.sendAt, rrule: asked.recurrence?.rrule };
      await recordAudit(ports, tx, by, scheduledActions.message_scheduled, { target: scheduled.id, details });
    }
    return scheduled;
  });
}

export const createScheduled = useCase({
  name: 'scheduled.create',
  deps,
  run: (ports, asked: Asked & InConversation, { account, actor }) =>
    schedule(ports, account, { owner: 'person', senderId: actor.userId, asked }),
});

/** In the name of somebody whom the caller administers, or in their own. */
export const scheduleForAccount = adminUseCase({
  name: 'admin.scheduleMessage',
  deps,
  async run(ports, { senderId, ...asked }: Asked & InConversation & Readonly<{ senderId: UserId }>, call) {
    const { account, authority } = call;
    const sender = await ports.uow.read(account, (tx) => tx.users.lookup(senderId));
    if (sender === undefined) throw userErrors.USER_NOT_FOUND();
    if (authority.by !== 'person' || authority.userId !== senderId) Administration.requireSubject(rankOf(authority), sender.role);
    return schedule(ports, account, { owner: 'account', senderId, asked, by: call });
  },
});

export const updateScheduled = useCase({
  name: 'scheduled.update',
  deps,
  async run(ports, { scheduledMessageId, conversationId, ...asked }: Asked & InConversation & Named, { account, actor }) {
    const { uow, clock } = ports;
    const belongs = (found: ScheduledMessage | undefined): found is ScheduledMessage => isOwn(found, actor.userId, conversationId);
    if (!belongs(await uow.read(account, (tx) => tx.scheduled.lookup(scheduledMessageId))))
      throw scheduledErrors.SCHEDULED_MESSAGE_NOT_FOUND();
    await requireSendableNow(ports, asked, { accountId: account, conversationId, senderId: actor.userId });
    return uow.write(account, async (tx) => {
      const found = await tx.scheduled.lock(scheduledMessageId);
      if (!belongs(found)) throw scheduledErrors.SCHEDULED_MESSAGE_NOT_FOUND();
      const changed = ScheduledMessage.change(found, contentOf(asked), timingOf(asked), clock.now());
      await tx.scheduled.update(changed);
      if (found.status === 'failed') tx.emit(scheduledAmended({ scheduled: found }));
      awaitNext(tx, changed);
      return changed;
    });
  },
});

/** Also for former members of the conversation. */
export const deleteScheduled = useCase({
  name: 'scheduled.delete',
  deps: { uow: unitOfWork({ scheduled: ScheduledMessages }), clock: Clock },
  run: ({ uow, clock }, { scheduledMessageId, conversationId }: InConversation & Named, { account, actor }) =>
    uow.write(account, (tx) => cancel(tx, scheduledMessageId, clock.now(), (found) => isOwn(found, actor.userId, conversationId))),
});

export const deleteOfAccount = adminUseCase({
  name: 'admin.deleteScheduledMessage',
  deps: { ...auditPorts, uow: unitOfWork({ scheduled: ScheduledMessages, auditLog: AuditLog }) },
  run: ({ uow, ...ports }, { scheduledMessageId }: Named, call) =>
    uow.write(call.account, async (tx) => {
      const cancelled = await cancel(tx, scheduledMessageId, ports.clock.now(), ({ owner }) => owner === 'account');
      if (cancelled === undefined) return;
      const { id: target, senderId, conversationId } = cancelled;
      await recordAudit(ports, tx, call, scheduledActions.scheduled_message_deleted, { target, details: { senderId, conversationId } });
    }),
});

/** Undefined where there was none. */
async function cancel(
  tx: Writing<{ scheduled: ScheduledMessageRepository }>,
  id: ScheduledMessageId,
  now: Instant,
  belongs: (found: ScheduledMessage) => boolean,
): Promise<ScheduledMessage | undefined> {
  const found = await tx.scheduled.lock(id);
  if (found === undefined || !belongs(found)) return undefined;
  ScheduledMessage.requireIdle(found, now);
  await tx.scheduled.remove(id);
  if (found.status === 'failed' && found.owner === 'person') tx.emit(scheduledAmended({ scheduled: found }));
  tellOwner(tx, found, { state: 'deleted' });
  return found;
}

export const isOwn = (found: ScheduledMessage | undefined, person: UserId, conversationId: ConversationId): boolean =>
  found?.owner === 'person' && found.senderId === person && found.conversationId === conversationId;
