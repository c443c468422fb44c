import { deletePerson, deletionPorts } from '@coucou/application/privacy/delete-person';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { passErasure } from '../../support/erasures.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { exportOf, header, importInto, time } from './exchange.ts';

/** What an export may never tell. */

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

const HASH = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
const everything = async (...given: Parameters<typeof exportOf>): Promise<string> => {
  const { lines, files } = await exportOf(...given);
  return [...lines.map((line) => JSON.stringify(line)), ...[...files.values()].map(String)].join('\n');
};

it('no hashes, unless they are asked for, no drafts, and nothing of other accounts', async () => {
  const [account, other] = [await app.account(), await app.account()];
  const lines = (name: string, title: string) => [
    header,
    { type: 'user', id: '1', username: name, email: `${name}@example.com`, passwordHash: HASH },
    { type: 'conversation', id: 'c', kind: 'group', title, createdBy: '1', createdAt: time(0) },
    { type: 'member', conversation: 'c', user: '1', role: 'owner' },
    { type: 'message', id: 'm', conversation: 'c', author: '1', createdAt: time(1), text: `words of ${name}` },
  ];
  await importInto(app, account, lines('ann', 'Lounge'));
  await importInto(app, other, lines('zoe', 'Elsewhere'));
  const [person] = (await exportOf(app, account)).lines.filter(({ type }) => type === 'user');
  const ann = app.as(person?.id, account);
  const { items } = await ann.call('conversations.list', {});
  await ann.call('drafts.put', { conversationId: items[0].id, content: 'never sent' });
  const text = await everything(app, account);
  expect(text).toContain('words of ann');
  expect(text).not.toMatch(/\$2b\$|passwordHash|never sent|zoe|Elsewhere/);
  expect(await everything(app, account, true)).toContain(HASH);
});

it('no text that was deleted, edited away or erased', async () => {
  const account = await app.account();
  const [alice, bob] = [await app.person('alice', account), await app.person('bob', account)];
  const { id: conversationId } = await alice.call('conversations.create', { type: 'group', title: 'Group', memberIds: [bob.id] });
  const send = (caller: typeof alice, content: string) =>
    caller.call('messages.send', { conversationId, content, clientMessageId: crypto.randomUUID() });
  const deleted = await send(alice, 'deleted words');
  await alice.call('messages.delete', { messageId: deleted['id'] });
  const edited = await send(alice, 'first words');
  await alice.call('messages.edit', { messageId: edited['id'], content: 'second words' });
  await send(bob, 'words that stay');
  const before = await everything(app, account);
  expect(before).toMatch(/second words/);
  expect(before).not.toMatch(/deleted words|first words/);
  const { username, email } = (await exportOf(app, account)).lines.find(({ displayName }) => displayName === 'alice') ?? {};
  await deletePerson(
    app.container.portsOf(deletionPorts),
    { person: alice.id },
    { account, client: { ip: '127.0.0.1', userAgent: 'test' } },
  );
  await passErasure(app, alice);
  const after = await everything(app, account);
  expect(after).toMatch(/words that stay/);
  for (const gone of [username, email, '"alice"']) expect(after).not.toContain(gone);
});
