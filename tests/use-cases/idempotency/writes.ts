import { randomUUID } from 'node:crypto';
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { limits } from '@coucou/domain/kernel/limits';
import { softAuthenticator } from '../../support/authenticator.ts';
import type { Payload } from '../../support/event-log.ts';
import type { Caller, Calling, TestApp } from '../../support/test-app.ts';
import { PASSWORD, signUp, tokenTo } from '../auth/mailed.ts';
import { BROWSER, identityCodes } from '../auth/identity-codes.ts';
import { secondFactorPeople } from '../auth/second-factor-people.ts';
import { openDirect, openGroup, send } from '../calls.ts';

/** One call of every operation that writes, each of which succeeds. */

export type Write = Readonly<{ by: Calling; input?: Record<string, unknown>; more?: Parameters<Calling['execute']>[2] }>;

/** Prepares a call for these people, by the name of its operation. */
export type Writes = Readonly<Record<string, (stage: Stage) => Promise<Write>>>;

/** The people of one call: they have met nobody else. alice owns the account, bob is a member. */
export type Stage = Readonly<{ app: TestApp; alice: Caller; bob: Caller }>;

const word = (): string => `w${randomUUID().slice(0, 8)}`;
const inGroup = async ({ alice, bob }: Stage, more: Record<string, unknown> = {}): Promise<{ conversationId: string }> => ({
  conversationId: (await openGroup(alice, [bob], more)).id,
});
const message = async ({ alice, bob }: Stage): Promise<{ messageId: string }> => ({
  messageId: (await send(alice, await openDirect(alice, bob), 'hello')).id,
});
const request = async ({ alice, bob }: Stage): Promise<{ requestId: string }> => ({
  requestId: (await bob.call('friends.request', { userId: alice.id })).id,
});
const later = () => ({ content: 'later', sendAt: new Date(Date.now() + 3_600_000).toISOString() });
const scheduled = async (stage: Stage): Promise<{ conversationId: string; scheduledMessageId: string }> => {
  const group = await inGroup(stage);
  return { ...group, scheduledMessageId: (await stage.bob.call('scheduled.create', { ...group, ...later() })).id };
};
const invite = async ({ alice }: Stage): Promise<Payload> => alice.call('invites.create', { conversationId: (await openGroup(alice)).id });
const issuer = ({ alice }: Stage): Promise<Payload> =>
  alice.call('admin.registerIssuer', { issuer: `https://${word()}.example.com`, audiences: ['chat'] });
const sessionOf = async (app: TestApp, caller: Caller): Promise<string> => {
  await app.signIn(caller);
  return (await app.sql('select id from session where user_id = $1', [caller.id]))[0].id;
};
const mailed = async (app: TestApp, account: Caller['account']): Promise<{ by: Calling; email: string; more: Write['more'] }> => {
  const { user, session } = await signUp(app, account, word());
  return { by: app.as(user.id), email: user.email ?? '', more: { actor: { userId: user.id, sessionId: session.id } } };
};
const passkey = async (by: Caller): Promise<object> => ({
  credential: softAuthenticator('http://localhost:3000').create((await by.call('auth.passkeyRegisterOptions')) as never),
  name: 'A key',
});
const identity = ({ app, alice }: Stage) => {
  const { codeFor } = identityCodes(() => ({ app, account: alice.account }));
  return { input: { code: codeFor({ subject: randomUUID() }) }, more: { browser: BROWSER } };
};

/** The id of a side effect of theirs that was given up. */
async function givenUp({ app, alice, bob }: Stage): Promise<string> {
  await app.settled();
  await alice.call('conversations.create', { type: 'group', title: 'A group', memberIds: [bob.id] });
  const worker = app.storage.outbox.worker(['conversation.created']);
  const { events } = await worker.claim(10);
  await worker.failed(events.map(({ event }) => ({ event, reason: 'Error: no', retryInMs: undefined, counts: true })));
  await worker.close();
  return String(events[0]?.event.id);
}
const mailTemplate = { subject: 'Sign in', text: '{{link}}', html: '<a href="{{link}}">Sign in</a>' };

const own: Writes = {
  'admin.retryDeadLetter': async (stage) => ({ by: stage.alice, input: { deadLetterId: await givenUp(stage) } }),
  'admin.dropDeadLetter': async (stage) => ({ by: stage.alice, input: { deadLetterId: await givenUp(stage) } }),
  'admin.revokeApiKey': async ({ alice }) => {
    const { apiKey } = await alice.call('admin.createApiKey', { name: 'a server', scopes: ['audit:read'] });
    return { by: alice, input: { apiKeyId: apiKey.id } };
  },
  'admin.createUser': async ({ alice }) => ({ by: alice, input: { username: word(), password: 'a very long pass phrase' } }),
  'admin.suspendUser': async ({ alice, bob }) => ({ by: alice, input: { userId: bob.id } }),
  'admin.restoreUser': async ({ alice, bob }) => {
    await alice.call('admin.suspendUser', { userId: bob.id });
    return { by: alice, input: { userId: bob.id } };
  },
  'admin.setUserRole': async ({ alice, bob }) => ({ by: alice, input: { userId: bob.id, role: 'admin' } }),
  'admin.revokeUserSession': async ({ app, alice, bob }) => ({
    by: alice,
    input: { userId: bob.id, sessionId: await sessionOf(app, bob) },
  }),
  'admin.revokeUserSessions': async ({ app, alice, bob }) => {
    await sessionOf(app, bob);
    return { by: alice, input: { userId: bob.id } };
  },
  'admin.putSettings': async ({ alice }) => ({ by: alice, input: { guests: true } }),
  'admin.putMailTemplate': async ({ alice }) => ({ by: alice, input: { kind: 'magicLink', locale: 'en', ...mailTemplate } }),
  'admin.deleteMailTemplate': async ({ alice }) => {
    await alice.call('admin.putMailTemplate', { kind: 'magicLink', locale: 'en', ...mailTemplate });
    return { by: alice, input: { kind: 'magicLink', locale: 'en' } };
  },
  'admin.testMailTemplate': async ({ app, alice }) => {
    await app.uow.write(alice.account, (tx) => tx.credentials.proveEmail(alice.id));
    return { by: alice, input: { kind: 'magicLink', locale: 'en' } };
  },
  'admin.reportBounce': async ({ alice }) => ({ by: alice, input: { address: `${word()}@example.com`, kind: 'hard' } }),
  'admin.liftMailSuppression': async ({ alice }) => {
    const address = `${word()}@example.com`;
    await alice.call('admin.reportBounce', { address, kind: 'hard' });
    const { items } = await alice.call('admin.listMailSuppressions', { address });
    return { by: alice, input: { suppressionId: items[0].id } };
  },
  'admin.revokeInvite': async ({ alice }) => ({
    by: alice,
    input: { invite: (await alice.call('admin.createInvite', { uses: 2, expiresInSeconds: 3_600 })).invite },
  }),
  'auth.upgradeGuest': async ({ app, alice }) => {
    await alice.call('admin.putSettings', { guests: true });
    const { user } = await app.visitor().call('auth.guest');
    return { by: app.as(user.id), input: { username: word(), email: `${word()}@example.com`, password: PASSWORD } };
  },
  'auth.revokeSession': async ({ app, bob }) => ({ by: bob, input: { sessionId: await sessionOf(app, bob) } }),
  'auth.revokeOtherSessions': async ({ app, bob }) => {
    await sessionOf(app, bob);
    return { by: bob };
  },
  'blocks.put': async ({ alice, bob }) => ({ by: alice, input: { userId: bob.id } }),
  'blocks.delete': async ({ alice, bob }) => {
    await alice.call('blocks.put', { userId: bob.id });
    return { by: alice, input: { userId: bob.id } };
  },
  'conversations.create': async ({ alice, bob }) => ({ by: alice, input: { type: 'group', title: 'Once', memberIds: [bob.id] } }),
  'conversations.leave': async (stage) => ({ by: stage.bob, input: await inGroup(stage) }),
  'conversations.update': async (stage) => ({ by: stage.alice, input: { ...(await inGroup(stage)), title: 'Renamed' } }),
  'conversations.delete': async (stage) => ({ by: stage.alice, input: await inGroup(stage) }),
  'conversations.join': async ({ alice, bob }) => ({
    by: bob,
    input: { conversationId: (await openGroup(alice, [], { visibility: 'public' })).id },
  }),
  'conversations.transfer': async (stage) => ({ by: stage.alice, input: { ...(await inGroup(stage)), userId: stage.bob.id } }),
  'members.add': async ({ alice, bob }) => ({ by: alice, input: { conversationId: (await openGroup(alice)).id, userIds: [bob.id] } }),
  'members.remove': async (stage) => ({ by: stage.alice, input: { ...(await inGroup(stage)), userId: stage.bob.id } }),
  'members.update': async (stage) => ({ by: stage.alice, input: { ...(await inGroup(stage)), userId: stage.bob.id, role: 'admin' } }),
  'members.ban': async (stage) => ({ by: stage.alice, input: { ...(await inGroup(stage)), userId: stage.bob.id } }),
  'members.unban': async (stage) => {
    const input = { ...(await inGroup(stage)), userId: stage.bob.id };
    await stage.alice.call('members.ban', input);
    return { by: stage.alice, input };
  },
  'invites.create': async (stage) => ({ by: stage.alice, input: await inGroup(stage) }),
  'invites.revoke': async (stage) => {
    const group = await inGroup(stage);
    return { by: stage.alice, input: { ...group, code: (await stage.alice.call('invites.create', group)).code } };
  },
  'invites.accept': async (stage) => ({ by: stage.bob, input: { code: (await invite(stage)).code } }),
  'membership.update': async (stage) => ({ by: stage.bob, input: { ...(await inGroup(stage)), archived: true } }),
  'membership.markUnread': async (stage) => {
    const group = await inGroup(stage);
    await send(stage.alice, { id: group.conversationId }, 'unread');
    return { by: stage.bob, input: { ...group, fromSeq: 1 } };
  },
  'inbox.update': async (stage) => ({ by: stage.alice, input: { ...(await inGroup(stage)), status: 'pending' } }),
  'drafts.put': async (stage) => ({ by: stage.bob, input: { ...(await inGroup(stage)), content: 'not yet' } }),
  'drafts.delete': async (stage) => {
    const group = await inGroup(stage);
    await stage.bob.call('drafts.put', { ...group, content: 'not yet' });
    return { by: stage.bob, input: group };
  },
  'scheduled.create': async (stage) => ({ by: stage.bob, input: { ...(await inGroup(stage)), ...later() } }),
  'scheduled.update': async (stage) => ({ by: stage.bob, input: { ...(await scheduled(stage)), ...later() } }),
  'scheduled.delete': async (stage) => ({ by: stage.bob, input: await scheduled(stage) }),
  'admin.scheduleMessage': async (stage) => ({
    by: stage.alice,
    input: { ...(await inGroup(stage)), senderId: stage.bob.id, ...later() },
  }),
  'admin.deleteScheduledMessage': async (stage) => {
    const { id } = await stage.alice.call('admin.scheduleMessage', { ...(await inGroup(stage)), senderId: stage.bob.id, ...later() });
    return { by: stage.alice, input: { scheduledMessageId: id } };
  },
  'friends.request': async ({ alice, bob }) => ({ by: alice, input: { userId: bob.id } }),
  'friends.accept': async (stage) => ({ by: stage.alice, input: await request(stage) }),
  'friends.reject': async (stage) => ({ by: stage.alice, input: await request(stage) }),
  'friends.cancel': async (stage) => ({ by: stage.bob, input: await request(stage) }),
  'friends.remove': async (stage) => {
    await stage.alice.call('friends.accept', await request(stage));
    return { by: stage.alice, input: { userId: stage.bob.id } };
  },
  'auth.linkIdentity': async (stage) => ({ by: stage.alice, ...identity(stage) }),
  'auth.unlinkIdentity': async (stage) => {
    const { input, more } = identity(stage);
    const { body } = await stage.alice.execute('auth.linkIdentity', input, more);
    return { by: stage.alice, input: { identityId: body.id } };
  },
  'admin.registerIssuer': async ({ alice }) => ({
    by: alice,
    input: { issuer: `https://${word()}.example.com`, audiences: ['chat'] },
  }),
  'admin.updateIssuer': async (stage) => ({ by: stage.alice, input: { issuerId: (await issuer(stage)).id, audiences: ['other'] } }),
  'admin.removeIssuer': async (stage) => ({ by: stage.alice, input: { issuerId: (await issuer(stage)).id } }),
  'auth.verifyEmail': async ({ app, alice }) => {
    const { email, ...who } = await mailed(app, alice.account);
    return { ...who, input: { token: await tokenTo(app, email, 'verify-email') } };
  },
  'auth.resendVerification': async ({ app, alice }) => mailed(app, alice.account),
  'auth.changeEmail': async ({ app, alice }) => ({
    ...(await mailed(app, alice.account)),
    input: { email: `${word()}@example.com`, password: PASSWORD },
  }),
  'auth.changePassword': async ({ app, alice }) => ({
    ...(await mailed(app, alice.account)),
    input: { currentPassword: PASSWORD, newPassword: 'another very long pass phrase' },
  }),
  'messages.edit': async (stage) => ({ by: stage.alice, input: { ...(await message(stage)), content: 'edited' } }),
  'messages.delete': async (stage) => ({ by: stage.alice, input: { ...(await message(stage)), for: 'everyone' } }),
  'reactions.put': async (stage) => ({ by: stage.bob, input: { ...(await message(stage)), emoji: '👍' } }),
  'reactions.delete': async (stage) => {
    const input = { ...(await message(stage)), emoji: '👍' };
    await stage.bob.call('reactions.put', input);
    return { by: stage.bob, input };
  },
  'pins.put': async (stage) => ({ by: stage.alice, input: await message(stage) }),
  'pins.delete': async (stage) => {
    const input = await message(stage);
    await stage.alice.call('pins.put', input);
    return { by: stage.alice, input };
  },
  'reports.create': async ({ alice, bob }) => {
    await openDirect(alice, bob);
    return { by: alice, input: { userId: bob.id, reason: 'x'.repeat(limits.reportReason) } };
  },
  'notifications.markRead': async ({ app, alice, bob }) => {
    const group = await openGroup(alice, [bob]);
    await send(alice, group, 'you', { mentions: [bob.id] });
    await app.settled();
    return { by: bob, input: { ids: [(await bob.call('notifications.list')).items[0].id] } };
  },
  'auth.passkeyRegister': async ({ alice }) => ({ by: alice, input: { ...(await passkey(alice)) } }),
  'auth.removePasskey': async ({ alice }) => ({
    by: alice,
    input: { passkeyId: (await alice.call('auth.passkeyRegister', { ...(await passkey(alice)) })).id },
  }),
  'preferences.put': async ({ alice }) => ({ by: alice, input: { theme: 'dark' } }),
  'users.deleteMe': async ({ app, alice }) => ({ ...(await mailed(app, alice.account)), input: { password: PASSWORD } }),
  'admin.deleteUser': async ({ alice, bob }) => ({ by: alice, input: { userId: bob.id } }),
  'auth.totpDisable': async ({ app, alice }) => {
    const people = secondFactorPeople(() => ({ app, account: alice.account }));
    people.at(0);
    const person = await people.signUp(word());
    await people.enrolled(person);
    const { actor } = people.as(person);
    return { by: app.as(person.user.id), more: { actor } };
  },
  'threads.markRead': async (stage) => {
    const group = await openGroup(stage.alice, [stage.bob]);
    const root = await send(stage.bob, group, 'root');
    await send(stage.alice, group, 'a reply', { threadRootId: root.id });
    return { by: stage.bob, input: { messageId: root.id } };
  },
  'users.updateMe': async ({ alice }) => ({ by: alice, input: { displayName: 'Alice Martin' } }),
  'users.changeUsername': async ({ alice }) => ({ by: alice, input: { username: word() } }),
  'messages.send': async ({ alice, bob }) => ({ by: alice, input: { conversationId: (await openDirect(alice, bob)).id, content: 'once' } }),
  'forwards.create': async (stage) => ({
    by: stage.alice,
    input: { ...(await message(stage)), conversationIds: [(await openGroup(stage.alice)).id] },
  }),
  'receipts.mark': async (stage) => ({ by: stage.bob, input: { items: [{ ...(await inGroup(stage)), readSeq: 0 }] } }),
};

/**
 * Those of feature packages: `packages/<feature>/tests/writes.ts` exports them as `writes`, as a folder of these tests may. A feature whose operation keeps records under
 * idempotency keys fails this suite without.
 */
const added = await Promise.all(
  globSync(['../../../packages/*/tests/writes.ts', '../*/writes.ts'].map((each) => resolve(import.meta.dirname, each)))
    .filter((file) => file !== import.meta.filename)
    .map(async (file) => (await import(file)).writes as Writes),
);

export const writes: Writes = Object.assign({}, own, ...added);
