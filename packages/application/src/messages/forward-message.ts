import type { ConversationId, MessageId } from '@coucou/domain/kernel/ids';
import { errors } from '@coucou/domain/kernel/errors';
import { type Message, messageErrors, type NewMessage } from '@coucou/domain/messages/message';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { Ids } from '../ports/ids.ts';
import type { AppendRequest, SendKey } from '../ports/message-log.ts';
import { messageStored } from './message-hooks.ts';
import { MessageReader } from './message-reader.ts';
import { type Posted, resend, resendAll } from './resend.ts';
import { decide, post, postPorts } from './post-message.ts';

export type ForwardMessage = Readonly<{
  messageId: MessageId;
  conversationIds: readonly ConversationId[];
  clientMessageId?: string | undefined;
}>;

/**
 * Copies what a message says into other conversations; its attachments are the same ones, reachable through one more message. Where it
 * may not be posted is found out before it is posted anywhere; should that change on the way, a repetition under the same
 * `clientMessageId` completes it. One that was completed before is answered, whatever would refuse it now.
 */
export const forwardMessage = useCase({
  name: 'forwards.create',
  deps: { ...postPorts, ids: Ids, reader: MessageReader },
  async run(ports, { messageId, conversationIds, clientMessageId = ports.ids.next() }: ForwardMessage, call) {
    const targets = conversationIds.map((conversationId) => ({
      accountId: call.account,
      conversationId,
      id: ports.ids.next<'message'>(),
      senderId: call.actor.userId,
      clientMessageId,
    }));
    const asSent = { forward: messageId };
    try {
      const copy = await copyOf(ports.reader, messageId, call);
      for (const target of targets) await decide(ports, { ...target, ...copy }, false);
      const items: Message[] = [];
      for (const target of targets) items.push((await copyTo(ports, { ...target, ...copy }, asSent, call)).message);
      return { items };
    } catch (refusal) {
      return { items: await resendAll(ports.log, targets, asSent, refusal) };
    }
  },
});

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

async function copyOf(reader: MessageReader, id: MessageId, { account, actor }: UserCall) {
  const source = await reader.find(account, actor.userId, id);
  if (source === undefined || source.deletedAt !== undefined) throw messageErrors.MESSAGE_NOT_FOUND();
  if (source.type === 'system') throw errors.FORBIDDEN({ action: 'forward' });
  const { content, data, attachments } = source;
  // Parts stay where their feature keeps them; what is left of such a message is what it says.
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
  };
}
