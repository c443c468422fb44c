import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { softAuthenticator } from '../support/authenticator.ts';
import { expectStatus, openGroup, type Person } from '../support/people.ts';
import { linkIdentity } from '../support/oauth-codes.ts';
import { addDeadLetter } from '../support/dead-letters.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';

/** One of each kind that an operation can name, by kind. */
export type Belongings = Readonly<Record<string, string>>;

/** Makes one of a kind in a conversation of these people, called `word` wherever it can be called anything; answers its id. */
export type Belonging = (
  people: Readonly<{ owner: Person; friend: Person; database: Pick<Database, 'ownerUrl'> }>,
  conversationId: string,
  word: string,
) => Promise<string>;

/**
 * What feature packages add, by kind: `packages/<feature>/tests/belongings.ts` exports them as `belongings`. A feature whose operations
 * name ids of a kind of its own fails these suites without.
 */
const added: Readonly<Record<string, Belonging>> = Object.assign(
  {},
  ...(await Promise.all(
    globSync(resolve(import.meta.dirname, '../../packages/*/tests/belongings.ts')).map(async (file) => (await import(file)).belongings),
  )),
);
export const addedKinds: readonly string[] = Object.keys(added);

/** What two people of one account bring about between them, all of it called `word`. The first administers the account. */
export async function belongingsOf(
  database: Pick<Database, 'ownerUrl'>,
  [owner, friend, third]: readonly [Person, Person, Person],
  word: string,
): Promise<Belongings> {
  const post = async (person: Person, path: string, body?: unknown) =>
    expectStatus(await person.http.call('POST', `/api/v1${path}`, body), 200, 201);

  const group = await openGroup(owner, [friend], { title: word });
  const form = new FormData();
  form.set('file', new Blob([`${word} of a file`], { type: 'text/plain' }), `${word}.txt`);
  const attachment = await post(owner, '/attachments', form);
  const at = `/conversations/${group.id}`;
  const message = await post(owner, `${at}/messages`, { content: `${word} secret`, attachmentIds: [attachment.id], mentions: [friend.id] });
  await post(friend, `${at}/messages`, { content: `${word} thread`, threadRootId: message.id, mentions: [owner.id] });
  const invite = await post(owner, `${at}/invites`, {});
  const report = await post(friend, '/reports', { messageId: message.id, reason: word });
  const request = await post(third, '/friend-requests', { userId: owner.id });
  for (const path of [`/messages/${message.id}/pin`, `/messages/${message.id}/reactions/👍`])
    expectStatus(await owner.http.call('PUT', encodeURI(`/api/v1${path}`)), 204);
  expectStatus(await third.http.call('PUT', `/api/v1/blocks/${friend.id}`), 204);
  expectStatus(await owner.http.call('PUT', `/api/v1${at}/draft`, { content: word }), 200);
  const { apiKey } = await post(owner, '/admin/api-keys', { name: word, scopes: ['audit:read'] });
  const scheduled = await post(owner, `${at}/scheduled-messages`, {
    content: word,
    sendAt: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const rule = await post(owner, '/admin/moderation/rules', {
    kind: 'links',
    threshold: 9,
    allowedHosts: [`${word}.example.com`],
    action: 'report',
  });
  const issuer = await post(owner, '/admin/issuers', { issuer: `https://issuer.example/${word}`, audiences: [word] });
  expectStatus(await owner.http.call('POST', '/api/v1/admin/mail/bounces', { address: `${word}@example.com`, kind: 'hard' }), 204);
  const suppressions = expectStatus(await owner.http.call('GET', '/api/v1/admin/mail/suppressions'), 200);
  const notification = await until(async () => expectStatus(await friend.http.call('GET', '/api/v1/notifications'), 200).items[0], {
    what: 'the notification of a mention',
  });
  const device = softAuthenticator('http://localhost:3000');
  const passkey = await post(owner, '/auth/passkeys/register', {
    credential: device.create((await post(owner, '/auth/passkeys/register/options', {})) as Parameters<typeof device.create>[0]),
    name: word,
  });
  const ofFeatures = Object.entries(added).map(
    async ([kind, make]) => [kind, await make({ owner, friend, database }, group.id, word)] as const,
  );
  return {
    ...Object.fromEntries(await Promise.all(ofFeatures)),
    user: owner.id,
    session: owner.session.id,
    passkey: passkey.id,
    identity: await linkIdentity(owner, `${word} of an issuer`),
    conversation: group.id,
    message: message.id,
    attachment: attachment.id,
    friendRequest: request.id,
    notification: notification.id,
    report: report.id,
    moderationRule: rule.id,
    scheduledMessage: scheduled.id,
    apiKey: apiKey.id,
    mailSuppression: suppressions.items[0].id,
    issuer: issuer.id,
    deadLetter: await addDeadLetter(database, owner.id, word),
    inviteCode: invite.code,
  };
}
