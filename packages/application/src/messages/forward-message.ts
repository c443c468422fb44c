import type { ConversationId, MessageId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { UserCall } from '../kernel/call.ts';
import { useCase } from '../kernel/use-case.ts';
import { Ids } from '../ports/ids.ts';
import { MessageReader } from './message-reader.ts';
import { decide, post, postPorts } from './send-message.ts';

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
      const items = [];
      for (const target of targets) items.push((await post(ports, target, asSent, call, async () => ({ content: copy }))).message);
      return { items };
    } catch (refusal) {
      if (!(refusal instanceof ChatError) || refusal.kind === 'unavailable') throw refusal;
      const sent = await Promise.all(targets.map((target) => ports.log.findSent(target, asSent)));
      const items = sent.flatMap((found) => (found?.status === 'duplicate' ? [found.message] : []));
      if (items.length < targets.length) throw refusal;
      return { items };
    }
  },
});

async function copyOf(reader: MessageReader, id: MessageId, { account, actor }: UserCall) {
  const source = await reader.find(account, actor.userId, id);
  if (source === undefined || source.deletedAt !== undefined) throw messageErrors.MESSAGE_NOT_FOUND();
  if (source.type === 'system') throw errors.FORBIDDEN({ action: 'forward' });
  const { type, content, data, attachments } = source;
  return { type, content, data, attachments, replyTo: undefined, threadRoot: undefined, mentions: [], mentionAll: false, forwarded: true };
}
