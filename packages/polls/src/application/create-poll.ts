import type { UserCall } from '@coucou/application/kernel/call';
import type { Ports } from '@coucou/application/kernel/token';
import { useCase } from '@coucou/application/kernel/use-case';
import { messageStored } from '@coucou/application/messages/message-hooks';
import { decide, post, postPorts } from '@coucou/application/messages/post-message';
import { findSent, type Posted, resend } from '@coucou/application/messages/resend';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { ChatError } from '@coucou/domain/kernel/errors';
import { asId, type ConversationId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import type { NewMessage } from '@coucou/domain/messages/message';
import { requireTextSize } from '@coucou/domain/messages/message-sizes';
import { Poll } from '../domain/poll.ts';
import { pollDue, pollPrepared } from './poll-events.ts';
import { Polls } from './poll-repository.ts';

export type CreatePoll = Readonly<{
  conversationId: ConversationId;
  clientMessageId?: string | undefined;
  question: string;
  options: readonly string[];
  multiple: boolean;
  anonymous: boolean;
  /** RFC 3339. */
  closesAt?: string | undefined;
}>;

/** Seconds after which a poll whose message is not there was never posted: no send takes that long. */
const POSTED_WITHIN = 600;

const deps = { ...postPorts, uow: unitOfWork({ polls: Polls }) };

/**
 * The poll's row is stored before its message is posted, so that nobody sees a poll that takes no vote. A refused message takes the row
 * with it; what a crash leaves behind, the check of `pollPrepared` removes.
 */
export const createPoll = useCase({
  name: 'polls.create',
  deps,
  async run(ports, input: CreatePoll, call): Promise<Posted> {
    const { conversationId, clientMessageId, ...asked } = input;
    const asSent = sentIn((call.sent ?? input) as CreatePoll);
    const key = keyOf(conversationId, clientMessageId ?? ports.ids.next(), call);
    const sent = clientMessageId === undefined ? undefined : await findSent(ports.log, key, asSent);
    if (sent !== undefined) return sent;
    try {
      requireTextSize(asked.question, ports.settings.mostText, 'question');
      const id = ports.ids.next<'message'>();
      const now = ports.clock.now();
      const closesAt = asked.closesAt === undefined ? undefined : new Date(asked.closesAt);
      const asPoll = { ...asked, accountId: call.account, conversationId, id: asId<'poll'>(id), createdBy: call.actor.userId, closesAt };
      const written = messageOf(Poll.create(asPoll, now), { ...key, id });
      await decide(ports, written, false);
      const { message, options } = await screen(ports, written, asked.options, call);
      const poll = Poll.create({ ...asPoll, question: message.content ?? asked.question, options }, now);
      await ports.uow.write(call.account, async (tx) => {
        await tx.polls.add(poll);
        tx.emit(pollPrepared({ poll, checkAt: addSeconds(now, POSTED_WITHIN) }), ...(closesAt === undefined ? [] : [pollDue({ poll })]));
      });
      return await postWith(ports, poll, { ...message, parts: { poll: Poll.shown(poll) } }, asSent);
    } catch (refusal) {
      return resend(ports.log, key, asSent, refusal);
    }
  },
  resent: async ({ log }, input: CreatePoll, call) =>
    input.clientMessageId === undefined
      ? undefined
      : findSent(log, keyOf(input.conversationId, input.clientMessageId, call), sentIn(input)),
});

/** What two calls under one key must have in common. */
const sentIn = ({ conversationId: _in, clientMessageId: _key, ...asked }: CreatePoll) => ({ poll: asked });

const keyOf = (conversationId: ConversationId, clientMessageId: string, { account, actor }: UserCall) => ({
  accountId: account,
  conversationId,
  senderId: actor.userId,
  clientMessageId,
});

/** What search and notifications know of it is its question. */
const messageOf = (
  poll: Poll,
  identity: Pick<NewMessage, 'accountId' | 'conversationId' | 'id' | 'senderId' | 'clientMessageId'>,
): NewMessage => ({
  ...identity,
  type: 'custom',
  content: poll.question,
  data: undefined,
  parts: { poll: Poll.shown(poll) },
  replyTo: undefined,
  threadRoot: undefined,
  mentions: [],
  mentionAll: false,
  attachments: [],
  forwarded: false,
});

/** Every text passes the hooks that the content of any message passes. */
async function screen({ hooks }: Ports<typeof deps>, message: NewMessage, options: readonly string[], call: UserCall) {
  const screened = await hooks.run(messageStored, message, call);
  const texts = options.map(async (content) => (await hooks.run(messageStored, { ...message, content }, call)).content ?? content);
  return { message: screened, options: await Promise.all(texts) };
}

async function postWith(
  ports: Ports<typeof deps>,
  poll: Poll,
  message: NewMessage,
  asSent: Readonly<Record<string, unknown>>,
): Promise<Posted> {
  const discard = () => ports.uow.write(poll.accountId, (tx) => tx.polls.remove([poll.id]));
  try {
    const posted = await post(ports, message, asSent);
    if (posted.duplicate) await discard();
    return posted;
  } catch (error) {
    // Whether the message is there is not known after anything else.
    if (error instanceof ChatError && error.kind !== 'unavailable' && error.kind !== 'internal') await discard();
    throw error;
  }
}
