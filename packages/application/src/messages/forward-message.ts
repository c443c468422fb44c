import type { ConversationId, MessageId } from '@coucou/domain/kernel/ids';
import { errors } from '@coucou/domain/kernel/errors';
import { secondsUntil } from '@coucou/domain/kernel/time';
import { type Message, messageErrors, type NewMessage } from '@coucou/domain/messages/message';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { Ids } from '../ports/ids.ts';
import type { AppendRequest, SendKey } from '../ports/message-log.ts';
import { messageStored } from './message-hooks.ts';
import { MessageReader } from './message-reader.ts';
import { findAllSent, type Posted, resend, resendAll } from './resend.ts';
import { decide, post, postPorts } from './post-message.ts';

export type ForwardMessage = Readonly<{
  messageId: MessageId;
  conversationIds: readonly ConversationId[];
  clientMessageId?: string | undefined;
}>;

/**
 * Copies a message's content to other conversations; attachments are shared, not copied. Whether it
 * may be posted is checked for all targets before the first post; if that changes on the way, a resend under the same
 * `clientMessageId` completes it. A completed one is answered even when it would be refused now.
 */
export const forwardMessage = useCase({
  name: 'forwards.create',
  deps: { ...postPorts, ids: Ids, reader: MessageReader },
  async run(ports, { messageId, conversationIds, clientMessageId = ports.ids.next() }: ForwardMessage, call) {
    const targets = keysOf(conversationIds, clientMessageId, call).map((key) => ({ ...key, id: ports.ids.next<'message'>() }));
    const asSent = { forward: ((call.sent as ForwardMessage | undefined) ?? { messageId }).messageId };
    try {
      const copy = await copyOf(ports, messageId, call);
      for (const target of targets) await decide(ports, { ...target, ...copy }, false);
      const items: Message[] = [];
      for (const target of targets) items.push((await copyTo(ports, { ...target, ...copy }, asSent, call)).message);
      return { items };
    } catch (refusal) {
      return { items: await resendAll(ports.log, targets, asSent, refusal) };
    }
  },
  async resent({ log }, { messageId, conversationIds, clientMessageId }: ForwardMessage, call) {
    if (clientMessageId === undefined) return undefined;
    const keys = keysOf(conversationIds, clientMessageId, call);
    const items = await findAllSent(log, keys, { forward: messageId });
    return items && { items };
  },
});

const keysOf = (conversationIds: readonly ConversationId[], clientMessageId: string, { account, actor }: UserCall) =>
  conversationIds.map((conversationId) => ({ accountId: account, conversationId, senderId: actor.userId, clientMessageId }));

async function copyTo(ports: Ports<typeof postPorts>, copy: NewMessage, asSent: AppendRequest['asSent'], call: UserCall): Promise<Posted> {
  let key: SendKey = copy;
  try {
    const message = await ports.hooks.run(messageStored, copy, call);
    key = message;
    return await post(ports, message, asSent);
  } catch (refusal) {
    return resend(ports.log, key, asSent, refusal);
  }
}

const copyPorts = { reader: MessageReader, clock: Clock };

async function copyOf({ reader, clock }: Ports<typeof copyPorts>, id: MessageId, { account, actor }: UserCall) {
  const source = await reader.find(account, actor.userId, id);
  if (source === undefined || source.deletedAt !== undefined) throw messageErrors.MESSAGE_NOT_FOUND();
  if (source.type === 'system') throw errors.FORBIDDEN({ action: 'forward' });
  const { content, data, attachments, expiresAt } = source;
  // Parts are not copied: they belong to their feature. The content is.
  const type = source.type === 'custom' && data === undefined ? 'text' : source.type;
  return {
    type,
    content,
    data,
    parts: undefined,
    attachments,
    replyTo: undefined,
    threadRoot: undefined,
    mentions: [],
    mentionAll: false,
    forwarded: true,
    // A copy goes when the original does.
    expiresInSeconds: expiresAt && secondsUntil(expiresAt, clock.now()),
  };
}
