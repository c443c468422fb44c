import type { Call, UserCall } from '@coucou/application/kernel/call';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { ids } from '../support/fixtures.ts';
import type { Payload } from '../support/event-log.ts';
import type { Caller, TestApp } from '../support/test-app.ts';

/** A call of nobody in particular. */
export const anonymous = (account: AccountId): Call => ({
  requestId: 'a request',
  account,
  client: { ip: '192.0.2.1', userAgent: 'a test' },
});

export const as = (account: AccountId, userId: UserId): UserCall => ({
  ...anonymous(account),
  actor: { userId, sessionId: ids.next() },
});

/** The code that a call is refused with; a call that succeeds, or breaks, fails the test. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ChatError && error.kind !== 'internal') return error.code;
    throw error;
  }
  throw new Error('the call was not refused');
}

export const openGroup = (owner: Caller, members: readonly Caller[] = [], more: Record<string, unknown> = {}): Promise<Payload> =>
  owner.call('conversations.create', { type: 'group', title: 'A group', memberIds: members.map(({ id }) => id), ...more });

export const openDirect = (from: Caller, to: Caller): Promise<Payload> =>
  from.call('conversations.create', { type: 'direct', userId: to.id });

export const send = (
  from: Caller,
  conversation: Readonly<{ id: string }>,
  content: string,
  more: Record<string, unknown> = {},
): Promise<Payload> => from.call('messages.send', { conversationId: conversation.id, content, ...more });

/** Every event about one conversation, in the order told. */
export const about = (app: TestApp, conversation: { id: string }) =>
  app.told.filter(({ payload }) => payload['conversationId'] === conversation.id);

/** The versions told to the room: gapless, each once. */
export const versionsToRoom = (app: TestApp, conversation: { id: string }): number[] =>
  about(app, conversation)
    .filter(({ to }) => to['kind'] === 'conversation')
    .map(({ payload }) => payload['version']);
