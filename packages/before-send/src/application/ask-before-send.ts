import { hook } from '@coucou/application/kernel/hook';
import type { Ports } from '@coucou/application/kernel/token';
import { messageStored, type WrittenMessage } from '@coucou/application/messages/message-hooks';
import { PostingSnapshots } from '@coucou/application/ports/posting-snapshots';
import type { ConversationType } from '@coucou/domain/conversations/permissions';
import { ChatError } from '@coucou/domain/kernel/errors';
import { secondsUntil } from '@coucou/domain/kernel/time';
import { messageErrors, type PostingSnapshot, requirePoster, requirePosting } from '@coucou/domain/messages/message';
import type { BeforeSendHook } from '../domain/before-send-hook.ts';
import { beforeSendLimits } from '../domain/limits.ts';
import { ask, askPorts, type ReadVerdict } from './ask.ts';
import { HookDirectory } from './before-send-ports.ts';
import { isEdit, questionOf } from './question.ts';

const deps = { ...askPorts, directory: HookDirectory, snapshots: PostingSnapshots };
type Given = Ports<typeof deps>;

/** For what happens around the call itself; the call has a time limit of its own. */
const SLACK_MS = 2_000;

/**
 * Asks the account's own service about each message that somebody writes, and goes on with what it answers. It comes first: word list and
 * rules judge the text that is stored. Nothing is locked and no connection held meanwhile. An account without a hook costs a look into a map.
 * Where the account's choice cannot be read, the write is refused.
 */
export const askBeforeSend = (read: ReadVerdict) =>
  hook({
    name: 'beforeSend.ask',
    at: messageStored,
    order: 'first',
    deps,
    budgetMs: beforeSendLimits.timeoutMs.max + SLACK_MS,
    onFailure: 'refuse',
    async run(ports, message) {
      const found = await ports.directory.of(message.accountId);
      if (found === undefined) return message;
      const type = await typeOf(ports, message);
      if (!found.conversationTypes.includes(type)) return message;
      const answer = await ask(ports, found, questionOf(message, type), read);
      if (typeof answer === 'string' || 'failure' in answer) {
        if (found.onFailure === 'accept') return message;
        throw messageErrors.HOOK_UNAVAILABLE({ retryAfterSeconds: retryAfterOf(ports, found) });
      }
      switch (answer.action) {
        case 'accept':
          return message;
        case 'refuse':
          throw messageErrors.MESSAGE_REFUSED({ reason: answer.reason });
        case 'change':
          return { ...message, content: answer.content ?? message.content, data: answer.data ?? message.data };
      }
    },
  });

/**
 * By the rules of posting, on the cached snapshot first, as the decision that follows: what is refused anyway is told to nobody, and a
 * conversation that its sender must not know of is the same error as one that is not there. Who opens a conversation was admitted before.
 */
async function typeOf({ snapshots, clock }: Given, message: WrittenMessage): Promise<ConversationType> {
  if (message.opensDirect === true) return 'direct';
  const { accountId, conversationId, senderId } = message;
  const decide = (snapshot: PostingSnapshot | undefined) =>
    // What an edit leaves as it is was allowed when it was written.
    isEdit(message) ? requirePoster(snapshot, clock.now()) : requirePosting(snapshot, message, clock.now());
  try {
    return decide(await snapshots.get(accountId, conversationId, senderId)).type;
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    return decide(await snapshots.reload(accountId, conversationId, senderId)).type;
  }
}

function retryAfterOf({ gate, clock }: Given, found: BeforeSendHook): number {
  const now = clock.now();
  const { retryAt } = gate.health(found, now);
  return retryAt === undefined ? 1 : secondsUntil(retryAt, now);
}
