import { randomUUID } from 'node:crypto';
import { previewInvite } from '@coucou/contracts/conversations/invites';
import { createConversation } from '@coucou/contracts/conversations/create-conversation';
import { getConversation } from '@coucou/contracts/conversations/get-conversation';
import { socketNames } from '@coucou/contracts/kernel/operation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyCaller, overHttp, overSocket } from '../support/callers.ts';
import { dataOf, type SocketClient } from '../support/clients.ts';
import { coreCatalogue } from '../support/coucou.ts';
import { createDatabase } from '../support/database.ts';
import { type AppUnderTest, startAppUnderTest } from '../support/app-under-test.ts';
import { type Person, signUp } from '../support/people.ts';
import { giveRole } from '../support/roles.ts';

/** Every operation for signed-in people is called over sockets under its own name, and under its alias if it has one. */

let app: AppUnderTest;
let database: Awaited<ReturnType<typeof createDatabase>>;
const sockets: SocketClient[] = [];

beforeAll(async () => {
  database = await createDatabase();
  app = await startAppUnderTest({ database });
});
afterAll(async () => {
  for (const socket of sockets) await socket.close();
  await app?.close();
  await database?.drop();
});

type Transport = SocketClient['transport'];

async function connected(transport: Transport, name = 'alice'): Promise<readonly [Person, SocketClient]> {
  const person = await signUp(app.url, name);
  const socket = person.socket(transport);
  sockets.push(socket);
  await socket.connect();
  return [person, socket];
}

const { operations } = coreCatalogue;
const onHttpAlone = [
  'accounts.create',
  'accounts.getLimits',
  'accounts.putBilling',
  'accounts.putLimits',
  'accounts.restore',
  'accounts.suspend',
  'admin.createApiKey',
  'admin.createBeforeSendHook',
  'admin.createIntegration',
  'admin.createWebhook',
  'admin.downloadArchive',
  'admin.exportAuditLogs',
  'admin.exportUser',
  'admin.importUsers',
  'admin.mintToken',
  'admin.mintTokenFor',
  'admin.rotateApiKey',
  'admin.rotateBeforeSendHookSecret',
  'admin.rotateIntegrationSecret',
  'admin.rotateWebhookSecret',
  'attachments.get',
  'attachments.thumbnail',
  'auth.consumeMagicLink',
  'auth.csrf',
  'auth.exchangeToken',
  'auth.forgotPassword',
  'auth.guest',
  'auth.login',
  'auth.oauthCallback',
  'auth.oauthExchange',
  'auth.oauthProviders',
  'auth.oauthStart',
  'auth.passkeyLogin',
  'auth.passkeyLoginOptions',
  'auth.passwordHint',
  'auth.refresh',
  'auth.requestMagicLink',
  'auth.resetPassword',
  'auth.secondFactor',
  'auth.signup',
  'auth.totpEnroll',
  'auth.undoEmailChange',
  'billing.receiveStripeEvent',
  'integrations.post',
  'notifications.unsubscribe',
  'users.exportMe',
];

describe.each(['socket.io', 'websocket'] as const)('over %s', (transport) => {
  it('all are there, by each of their names, but those that answer a file or a token', async () => {
    const [owner, socket] = await connected(transport);
    await giveRole(database, owner.id, 'owner');
    // No input has such a field, and an operation looks at its input before it does anything.
    const codeOf = async (name: string) => {
      const result = await socket.call(name, { noSuchField: true });
      return [name, result.ok ? 'done' : result.error.code];
    };
    const names = operations.flatMap(socketNames);
    // Some have an alias besides their own name.
    expect(names.length).toBeGreaterThan(operations.filter((operation) => socketNames(operation).length > 0).length);
    expect(await Promise.all(names.map(codeOf))).toEqual(names.map((name) => [name, 'VALIDATION_FAILED']));
    const absent = operations.filter((operation) => socketNames(operation).length === 0).map(({ name }) => name);
    expect(absent.toSorted()).toEqual(onHttpAlone);
    expect(await Promise.all(absent.map(codeOf))).toEqual(absent.map((name) => [name, 'OPERATION_UNKNOWN']));
  });

  it('people become friends, and what a path names over HTTP is a field of the input', async () => {
    const [alice, alices] = await connected(transport);
    const [bob, bobs] = await connected(transport, 'bob');
    const pending = dataOf(await alices.call('friends.request', { userId: bob.id }));
    expect(dataOf(await bobs.call('friends.listRequests', { limit: 10 })).items).toMatchObject([{ id: pending.id }]);
    expect(dataOf(await bobs.call('friends.accept', { requestId: pending.id }))).toMatchObject({ status: 'accepted' });
    expect(await alices.call('friends.remove', { userId: bob.id })).toEqual({ ok: true });
    const again = dataOf(await bobs.call('friend:request', { userId: alice.id }));
    expect(dataOf(await bobs.call('friend:cancel', { requestId: again.id }))).toMatchObject({ status: 'cancelled' });
    const third = dataOf(await bobs.call('friend:request', { userId: alice.id }));
    expect(dataOf(await alices.call('friend:accept', { requestId: third.id }))).toMatchObject({ status: 'accepted' });
    expect(await alices.call('friend:remove', { userId: bob.id })).toEqual({ ok: true });
    const last = dataOf(await alices.call('friend:request', { userId: bob.id }));
    expect(dataOf(await bobs.call('friend:reject', { requestId: last.id }))).toMatchObject({ status: 'rejected' });
  });

  it('a conversation is made, and is the same over HTTP', async () => {
    const [alice, socket] = await connected(transport);
    const caller = overSocket(socket);
    const made = dataOf(await caller.call(createConversation, { type: 'group', title: 'By name' }));
    for (const each of everyCaller(getConversation, alice.http, socket))
      expect(dataOf(await each.call(getConversation, { conversationId: made.id }))).toEqual(made);
    const refused = await socket.call('conversations.get', { conversationId: randomUUID() });
    expect(refused).toMatchObject({ ok: false, error: { code: 'CONVERSATION_NOT_FOUND', path: 'conversations.get' } });
  });

  it('a limit counts what was called over any transport', async () => {
    const [alice, socket] = await connected(transport);
    const callers = [overHttp(alice.http), overSocket(socket)];
    const guess = (turn: number) => callers[turn % 2]?.call(previewInvite, { code: `wrong-${randomUUID()}` });
    const guessed = [];
    for (let turn = 0; turn < 20; turn += 1) guessed.push(await guess(turn));
    expect(new Set(guessed.map((result) => (result?.ok === false ? result.error.code : 'found')))).toEqual(new Set(['INVITE_NOT_FOUND']));
    for (const turn of [0, 1]) expect(await guess(turn)).toMatchObject({ ok: false, error: { code: 'RATE_LIMITED' } });
  });
});
