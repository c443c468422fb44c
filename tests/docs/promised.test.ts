import { coreCatalogue } from '../support/coucou.ts';
import { socketNames } from '@coucou/contracts/kernel/operation';
import { openApiDocument } from '@coucou/docs/openapi';
import { describe, expect, it } from 'vitest';
import { declaredOperations } from './contracts.ts';

/** What clients were promised: an operation, its route under `/api/v1`, and its alias on sockets. All but files are called there by name. */
type Promised = readonly [name: string, route: string | undefined, alias?: string];
const files: ReadonlySet<string> = new Set(['attachments.get', 'attachments.thumbnail']);

const promised: Readonly<Record<string, readonly Promised[]>> = {
  people: [
    ['users.get', 'GET /users/:userId'],
    ['users.search', 'GET /users'],
    ['users.updateMe', 'PATCH /users/me'],
    ['users.presence', 'GET /users/:userId/presence'],
    ['presence.query', 'POST /presence/query', 'presence:get'],
    ['preferences.get', 'GET /users/me/preferences'],
    ['preferences.put', 'PUT /users/me/preferences'],
    ['friends.request', 'POST /friend-requests', 'friend:request'],
    ['friends.accept', 'POST /friend-requests/:requestId/accept', 'friend:accept'],
    ['friends.reject', 'POST /friend-requests/:requestId/reject', 'friend:reject'],
    ['friends.cancel', 'POST /friend-requests/:requestId/cancel', 'friend:cancel'],
    ['friends.listRequests', 'GET /friend-requests'],
    ['friends.list', 'GET /friends'],
    ['friends.remove', 'DELETE /friends/:userId', 'friend:remove'],
    ['blocks.put', 'PUT /blocks/:userId'],
    ['blocks.delete', 'DELETE /blocks/:userId'],
    ['blocks.list', 'GET /blocks'],
  ],
  conversations: [
    ['conversations.create', 'POST /conversations'],
    ['conversations.list', 'GET /conversations'],
    ['conversations.get', 'GET /conversations/:conversationId'],
    ['conversations.update', 'PATCH /conversations/:conversationId'],
    ['conversations.delete', 'DELETE /conversations/:conversationId'],
    ['conversations.join', 'POST /conversations/:conversationId/join'],
    ['conversations.leave', 'POST /conversations/:conversationId/leave'],
    ['members.list', 'GET /conversations/:conversationId/members'],
    ['members.add', 'POST /conversations/:conversationId/members'],
    ['members.update', 'PATCH /conversations/:conversationId/members/:userId'],
    ['members.remove', 'DELETE /conversations/:conversationId/members/:userId'],
    ['members.ban', 'PUT /conversations/:conversationId/bans/:userId'],
    ['members.unban', 'DELETE /conversations/:conversationId/bans/:userId'],
    ['conversations.transfer', 'POST /conversations/:conversationId/transfer'],
    ['membership.update', 'PATCH /conversations/:conversationId/membership'],
    ['invites.create', 'POST /conversations/:conversationId/invites'],
    ['invites.list', 'GET /conversations/:conversationId/invites'],
    ['invites.revoke', 'DELETE /conversations/:conversationId/invites/:code'],
    ['invites.preview', 'GET /invites/:code'],
    ['invites.accept', 'POST /invites/:code/accept'],
    ['conversations.watch', undefined, 'conversation:join'],
    ['conversations.unwatch', undefined, 'conversation:leave'],
    ['inbox.update', 'PATCH /conversations/:conversationId/inbox'],
    ['inbox.watch', undefined, 'inbox:join'],
    ['inbox.unwatch', undefined, 'inbox:leave'],
    ['membership.markUnread', 'POST /conversations/:conversationId/unread'],
    ['threads.list', 'GET /conversations/:conversationId/threads'],
    ['threads.get', 'GET /messages/:messageId/thread'],
    ['forwards.create', 'POST /messages/:messageId/forward'],
  ],
  messages: [
    ['messages.send', 'POST /conversations/:conversationId/messages', 'message:send'],
    ['messages.list', 'GET /conversations/:conversationId/messages'],
    ['messages.get', 'GET /messages/:messageId'],
    ['messages.edit', 'PATCH /messages/:messageId', 'message:edit'],
    ['messages.delete', 'DELETE /messages/:messageId', 'message:delete'],
    ['messages.history', 'GET /messages/:messageId/edits'],
    ['reactions.put', 'PUT /messages/:messageId/reactions/:emoji', 'reaction:add'],
    ['reactions.delete', 'DELETE /messages/:messageId/reactions/:emoji', 'reaction:remove'],
    ['pins.put', 'PUT /messages/:messageId/pin'],
    ['pins.delete', 'DELETE /messages/:messageId/pin'],
    ['pins.list', 'GET /conversations/:conversationId/pins'],
    ['receipts.mark', 'POST /receipts', 'message:ack'],
    ['receipts.list', 'GET /conversations/:conversationId/receipts'],
    ['messages.readers', 'GET /messages/:messageId/readers'],
    ['typing.set', undefined, 'typing'],
    ['messages.search', 'GET /messages/search'],
    ['attachments.create', 'POST /attachments'],
    ['attachments.urls', 'POST /attachments/urls'],
    ['attachments.complete', 'POST /attachments/:attachmentId/complete'],
    ['attachments.get', 'GET /attachments/:attachmentId'],
    ['attachments.thumbnail', 'GET /attachments/:attachmentId/thumbnail'],
    ['sync.conversations', 'POST /sync', 'sync'],
    ['notifications.list', 'GET /notifications'],
    ['notifications.markRead', 'POST /notifications/read'],
    ['drafts.put', 'PUT /conversations/:conversationId/draft'],
    ['drafts.get', 'GET /conversations/:conversationId/draft'],
    ['drafts.delete', 'DELETE /conversations/:conversationId/draft'],
    ['scheduled.create', 'POST /conversations/:conversationId/scheduled-messages'],
    ['scheduled.list', 'GET /conversations/:conversationId/scheduled-messages'],
    ['scheduled.delete', 'DELETE /conversations/:conversationId/scheduled-messages/:scheduledMessageId'],
    ['reports.create', 'POST /reports'],
    ['corporateNumbers.check', 'GET /corporate-numbers/check'],
  ],
};

/** A part of an OpenAPI operation. */
type Described = {
  operationId: string;
  requestBody?: { content: Record<string, { examples?: object }> };
  responses: Record<string, { content?: Record<string, { examples?: object }> }>;
};

const bound = new Map(coreCatalogue.operations.map((operation) => [operation.name, operation]));
const codes = new Set(coreCatalogue.errors.map(({ code }) => code));
const document = openApiDocument([...bound.values()], coreCatalogue.errors, { version: '1' });
const described = new Map(
  Object.values(document.paths)
    .flatMap((path) => Object.values(path) as Described[])
    .map((operation) => [operation.operationId, operation]),
);

/** JSON bodies, asked and answered, that show no example. */
function bare({ requestBody, responses }: Described): readonly string[] {
  const bodies = [['asked', requestBody] as const, ...Object.entries(responses).filter(([status]) => status < '400')];
  return bodies.flatMap(([which, body]) => {
    const json = body?.content?.['application/json'];
    return json === undefined || Object.keys(json.examples ?? {}).length > 0 ? [] : [which];
  });
}

describe.each(Object.entries(promised))('the operations of %s', (_, rows) => {
  it.each(rows.map(([name, route, alias]) => ({ name, route, alias })))('$name: $route $alias', ({ name, route, alias }) => {
    const operation = bound.get(name);
    const { http, access, errors = [] } = operation ?? {};
    const events = files.has(name) ? [] : [name, ...(alias === undefined ? [] : [alias])];
    expect({ access, route: http && `${http.method} ${http.path}`, events: operation && socketNames(operation) }).toEqual({
      access: 'user',
      route,
      events,
    });
    expect(errors.filter((code) => !codes.has(code))).toEqual([]);
    const description = described.get(name);
    expect(description === undefined).toBe(route === undefined);
    expect(description === undefined ? [] : bare(description)).toEqual([]);
  });
});

describe('the contracts', () => {
  it('are all bound by a feature, each once', async () => {
    const names = coreCatalogue.operations.map(({ name }) => name);
    expect(names.toSorted()).toEqual((await declaredOperations()).map(({ name }) => name).toSorted());
    expect(new Set(names).size).toBe(names.length);
  });
});
