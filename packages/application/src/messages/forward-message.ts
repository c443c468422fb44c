import type { ConversationId, MessageId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import { errors } from '@coucou/domain/kernel/errors';
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
 * `clientMessageId` completes it.
 */
export const forwardMessage = useCase({
  name: 'forwards.create',
  deps: { ...postPorts, ids: Ids, reader: MessageReader },
  async run(ports, { messageId, conversationIds, clientMessageId = ports.ids.next() }: ForwardMessage, call) {
    const { account, actor } = call;
    const source = await ports.reader.find(account, actor.userId, messageId);
    if (source === undefined || source.deletedAt !== undefined) throw messageErrors.MESSAGE_NOT_FOUND();
    if (source.type === 'system') throw errors.FORBIDDEN({ action: 'forward' });
    const { type, content, data, attachments } = source;
    const copy = {
      type,
      content,
      data,
      attachments,
      replyTo: undefined,
      threadRoot: undefined,
      mentions: [],
      mentionAll: false,
      forwarded: true,
    };
    const targets = conversationIds.map((conversationId) => ({
      accountId: account,
      conversationId,
      id: ports.ids.next<'message'>(),
      senderId: actor.userId,
      clientMessageId,
    }));
    for (const target of targets) await decide(ports, { ...target, ...copy }, false);
    const items = [];
    for (const target of targets) items.push((await post(ports, target, { forward: messageId }, call, async () => copy)).message);
    return { items };
  },
});
