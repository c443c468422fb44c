import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { Conversations } from '@coucou/application/conversations/repositories';
import type { AdminCall } from '@coucou/application/kernel/call';
import type { Ports } from '@coucou/application/kernel/token';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { retentionActions } from '../domain/audit-actions.ts';
import { type Hold, Retention, type RetentionPolicy } from '../domain/retention.ts';
import { Retentions } from './retention-repository.ts';

const uow = unitOfWork({ retentions: Retentions, conversations: Conversations, auditLog: AuditLog });
const ports = { uow, ...auditPorts };
type RetentionPorts = Ports<typeof ports>;

type Scope = Readonly<{ conversationId?: ConversationId | undefined }>;
export type PolicyInput = Readonly<{ maxAgeDays?: number | undefined; maxMessages?: number | undefined; archive: boolean }>;
/** `own`: what was decided for the conversation itself; `policy`: what holds for it. */
export type ConversationRetention = Retention &
  Readonly<{ own: RetentionPolicy | undefined; firstSeq: number; lastSeq: number; accountHold: Hold | undefined }>;

async function requireConversation(tx: Readonly<{ conversations: ConversationRepository }>, id: ConversationId) {
  const conversation = await tx.conversations.lookup(id);
  if (conversation === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  return conversation;
}

const show = ({ uow: { read } }: Pick<RetentionPorts, 'uow'>, { conversationId }: Scope, { account }: AdminCall) =>
  read(account, async (tx): Promise<ConversationRetention> => {
    const ofAccount = await tx.retentions.lookup(account);
    if (conversationId === undefined) return { ...ofAccount, own: undefined, firstSeq: 1, lastSeq: 0, accountHold: undefined };
    const { firstSeq, lastSeq } = await requireConversation(tx, conversationId);
    const own = await tx.retentions.lookup(account, conversationId);
    return { policy: own.policy ?? ofAccount.policy, hold: own.hold, own: own.policy, firstSeq, lastSeq, accountHold: ofAccount.hold };
  });

/** The same again changes nothing, and leaves no entry in the audit log. Throws `RETENTION_HELD` where there is a hold of this very scope. */
async function putPolicy(
  { uow: { write }, ...given }: RetentionPorts,
  { conversationId }: Scope,
  policy: RetentionPolicy | undefined,
  call: AdminCall,
): Promise<void> {
  const { account } = call;
  await write(account, async (tx) => {
    if (conversationId !== undefined) await requireConversation(tx, conversationId);
    const before = await tx.retentions.lock(account, conversationId);
    Retention.requireReleased(before);
    if (Retention.samePolicy(before.policy, policy)) return;
    await tx.retentions.putPolicy(account, conversationId, policy);
    const details = {
      maxAgeDays: policy?.maxAgeDays,
      maxMessages: policy?.maxMessages,
      archive: policy === undefined ? undefined : policy.archive ? 'yes' : 'no',
    };
    if (conversationId === undefined) await recordAudit(given, tx, call, retentionActions.account_retention_changed, { details });
    else await recordAudit(given, tx, call, retentionActions.conversation_retention_changed, { target: conversationId, details });
  });
}

/** A hold that is there already keeps its time. */
async function putHold(
  { uow: { write }, ...given }: RetentionPorts,
  { conversationId }: Scope,
  reason: string | undefined,
  call: AdminCall,
): Promise<void> {
  const { account } = call;
  await write(account, async (tx) => {
    if (conversationId !== undefined) await requireConversation(tx, conversationId);
    const { hold: before } = await tx.retentions.lock(account, conversationId);
    if (before?.reason === reason) return;
    const hold = reason === undefined ? undefined : { reason, by: call.actor?.userId, at: before?.at ?? given.clock.now() };
    await tx.retentions.putHold(account, conversationId, hold);
    const { account_held, account_released, conversation_held, conversation_released } = retentionActions;
    if (conversationId === undefined) await recordAudit(given, tx, call, hold ? account_held : account_released, {});
    else await recordAudit(given, tx, call, hold ? conversation_held : conversation_released, { target: conversationId });
  });
}

const toPolicy = ({ maxAgeDays, maxMessages, archive }: PolicyInput): RetentionPolicy => ({ maxAgeDays, maxMessages, archive });

export const getRetention = adminUseCase({
  name: 'admin.getRetention',
  deps: { uow },
  run: (given, _: object, call) => show(given, {}, call),
});

export const putRetention = adminUseCase({
  name: 'admin.putRetention',
  deps: ports,
  async run(given, input: PolicyInput, call) {
    await putPolicy(given, {}, toPolicy(input), call);
    return show(given, {}, call);
  },
});

export const deleteRetention = adminUseCase({
  name: 'admin.deleteRetention',
  deps: ports,
  run: (given, _: object, call) => putPolicy(given, {}, undefined, call),
});

type OfConversation = Readonly<{ conversationId: ConversationId }>;

export const getConversationRetention = adminUseCase({
  name: 'admin.getConversationRetention',
  deps: { uow },
  run: (given, input: OfConversation, call) => show(given, input, call),
});

export const putConversationRetention = adminUseCase({
  name: 'admin.putConversationRetention',
  deps: ports,
  async run(given, input: OfConversation & PolicyInput, call) {
    await putPolicy(given, input, toPolicy(input), call);
    return show(given, input, call);
  },
});

export const deleteConversationRetention = adminUseCase({
  name: 'admin.deleteConversationRetention',
  deps: ports,
  run: (given, input: OfConversation, call) => putPolicy(given, input, undefined, call),
});

type Reason = Readonly<{ reason: string }>;

export const holdAccount = adminUseCase({
  name: 'admin.holdAccount',
  deps: ports,
  async run(given, { reason }: Reason, call) {
    await putHold(given, {}, reason, call);
    return show(given, {}, call);
  },
});

export const releaseAccount = adminUseCase({
  name: 'admin.releaseAccount',
  deps: ports,
  run: (given, _: object, call) => putHold(given, {}, undefined, call),
});

export const holdConversation = adminUseCase({
  name: 'admin.holdConversation',
  deps: ports,
  async run(given, { conversationId, reason }: OfConversation & Reason, call) {
    await putHold(given, { conversationId }, reason, call);
    return show(given, { conversationId }, call);
  },
});

export const releaseConversation = adminUseCase({
  name: 'admin.releaseConversation',
  deps: ports,
  run: (given, input: OfConversation, call) => putHold(given, input, undefined, call),
});
