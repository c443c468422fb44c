import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { nodeEnvironment, privateDirectory } from '../../support/machine.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { exportOf, importInto, type Line } from './exchange.ts';

/** The converters on small exports of their systems, as an operator runs them; what they write is imported. */

let app: TestApp;
let folder: string;
beforeAll(async () => {
  app = await openTestApp();
  folder = await privateDirectory('converters');
});
afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

const TOOLS = path.resolve(import.meta.dirname, '../../../tools/convert');
const run = (name: string, ...args: string[]) =>
  promisify(execFile)(process.execPath, [path.join(TOOLS, `${name}.ts`), ...args], { env: nodeEnvironment() });

async function converted(name: string) {
  const out = path.join(folder, name);
  await run(name, path.join(import.meta.dirname, 'samples', name), out);
  const lines: Payload[] = (await readFile(path.join(out, 'account.ndjson'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const files = new Map<string, Buffer>();
  for (const file of await readdir(path.join(out, 'files'))) files.set(`files/${file}`, await readFile(path.join(out, 'files', file)));
  return { lines, files, of: (type: string) => lines.filter((line) => line.type === type) };
}

/** Twice, with nothing wrong the first time and nothing new the second; answers it as it is exported, by the names of people. */
async function imported(given: Awaited<ReturnType<typeof converted>>) {
  const account = await app.account();
  expect(await importInto(app, account, given.lines, { files: given.files, dryRun: true })).toMatchObject({ faults: [] });
  expect(await importInto(app, account, given.lines, given)).toMatchObject({ faults: [], filesMissing: 0, filesRefused: 0 });
  expect(await importInto(app, account, given.lines, given)).toMatchObject({
    faults: [],
    people: 0,
    conversations: 0,
    messages: 0,
    files: 0,
  });
  const { lines } = await exportOf(app, account);
  const people = new Map(lines.filter(({ type }) => type === 'user').map((line) => [line.id, line.username]));
  const conversation = (is: (line: Payload) => boolean) => lines.find((line) => line.type === 'conversation' && is(line))?.id;
  return {
    user: (username: string) => lines.find((line) => line.type === 'user' && line.username === username),
    titled: (title: string) => conversation((line) => line.title === title),
    direct: () => conversation((line) => line.kind === 'direct'),
    messages: (id: string) => lines.filter((line) => line.type === 'message' && line.conversation === id),
    seats: (id: string) =>
      lines.filter((line) => line.type === 'member' && line.conversation === id).map(({ user, role }) => `${people.get(user)} ${role}`),
    receipts: (id: string) =>
      lines.filter((line) => line.type === 'receipt' && line.conversation === id).map(({ user, read }) => [people.get(user), read]),
    reactions: lines.filter(({ type }) => type === 'reaction').map(({ user, emoji }) => `${people.get(user)} ${emoji}`),
    name: (id: string) => people.get(id),
  };
}

describe('an export of Rocket.Chat', () => {
  it('is people, rooms and messages as they were there', async () => {
    const given = await converted('rocket-chat');
    const { user, titled, direct, messages, seats, receipts, reactions, name } = await imported(given);
    expect(user('rodriq')).toMatchObject({ displayName: 'Rodrigo Q', email: 'rodriq@example.com', emailVerified: true, role: 'admin' });
    // A name that may not end so here, and an address that somebody else has.
    expect(user('mei')).toMatchObject({ displayName: 'Mei', bio: 'support', suspended: false });
    expect(user('mei')).not.toHaveProperty('email');
    expect([user('gone')?.suspended, user('old.hand')?.suspended]).toEqual([true, true]);
    const general = titled('general');
    expect(seats(general).toSorted()).toEqual(['mei member', 'rodriq owner']);
    const shown = messages(general);
    expect(shown.map((line) => line.text)).toEqual(['Good morning @all and @mei_', 'In the thread', 'Good morning!', undefined, undefined]);
    const [first, inThread, quote, removed, file] = shown;
    expect(first).toMatchObject({ mentionAll: true, createdAt: '2023-02-09T13:35:59.484Z', editedAt: '2023-02-09T13:40:47.303Z' });
    expect([first?.mentions.map(name), name(first?.pinnedBy)]).toEqual([['mei'], 'mei']);
    expect([inThread?.thread, quote?.replyTo, name(quote?.author)]).toEqual([first?.id, first?.id, 'old.hand']);
    expect(removed).toMatchObject({ deletedAt: '2023-02-09T13:42:00.000Z' });
    expect(file?.attachments).toHaveLength(1);
    expect(reactions.toSorted()).toEqual(['mei :party_parrot:', 'mei 👍', 'rodriq 👍']);
    expect(receipts(general)).toEqual([['mei', first?.id]]);
    expect(seats(titled('The board'))).toEqual(['rodriq owner']);
    expect(messages(titled('The board'))).toEqual([]);
    expect(messages(direct()).map((line) => line.text)).toEqual(['Just us']);
    expect(given.of('conversation')).toHaveLength(3);
  });
});

describe('a bulk export of Mattermost', () => {
  it('is people, channels and posts as they were there', async () => {
    const given = await converted('mattermost');
    const { user, titled, direct, messages, seats, receipts, reactions, name } = await imported(given);
    expect(user('ada')).toMatchObject({ displayName: 'Ada L', role: 'admin', bio: 'Engineer' });
    expect(user('bob')).toMatchObject({ displayName: 'Bobby', role: 'member' });
    expect(user('carl')).toMatchObject({ role: 'guest', suspended: true });
    const square = titled('Town Square');
    // Nobody is an owner there.
    expect(seats(square).toSorted()).toEqual(['ada owner', 'bob member']);
    const posts = messages(square);
    expect(posts.map((line) => line.text)).toEqual([
      'ada joined the channel.',
      'First, @channel',
      'Later: @bob. and @nobody, look',
      'Looked.',
      'build 7 is green',
    ]);
    const [joined, first, later, reply] = posts;
    expect(joined).toMatchObject({ kind: 'system', createdAt: '2024-03-01T08:00:00.000Z' });
    expect(first).toMatchObject({ mentionAll: true });
    // The path that leads out of the folder is not followed.
    expect(first?.attachments).toHaveLength(1);
    expect([...given.files.values()].map(String)).toEqual(['The plan.\n']);
    expect(later).toMatchObject({ editedAt: '2024-03-01T08:05:10.000Z', pinnedAt: '2024-03-01T08:05:00.000Z' });
    expect(later?.mentions.map(name)).toEqual(['bob']);
    expect(reply?.thread).toBe(later?.id);
    expect(reactions).toEqual(['bob 🎉']);
    expect(receipts(square)).toEqual([['bob', first?.id]]);
    expect(messages(direct()).map((line) => line.text)).toEqual(['Psst']);
    const three = titled('ada, bob., carl');
    expect(messages(three).map((line) => line.text)).toEqual(['All three']);
    expect(receipts(three)).toEqual([['ada', null]]);
  });
});

describe('a converter', () => {
  it('follows no link that came with the export', async () => {
    const from = path.join(folder, 'linked');
    await cp(path.join(import.meta.dirname, 'samples', 'mattermost'), from, { recursive: true });
    await rename(path.join(from, 'data'), path.join(folder, 'elsewhere'));
    await symlink(path.join(folder, 'elsewhere'), path.join(from, 'data'));
    await run('mattermost', from, path.join(folder, 'of-links'));
    expect(await readdir(path.join(folder, 'of-links', 'files'))).toEqual([]);
  });

  it.each(['rocket-chat', 'mattermost'])('says how it is called, and overwrites nothing: %s', async (name) => {
    await expect(run(name)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(`tools/convert/${name}.ts <`) });
    const out = path.join(folder, `${name}-again`);
    const sample = path.join(import.meta.dirname, 'samples', name);
    await run(name, sample, out);
    await expect(run(name, sample, out)).rejects.toMatchObject({ stderr: expect.stringContaining('EEXIST') });
    const first: Line = JSON.parse((await readFile(path.join(out, 'account.ndjson'), 'utf8')).split('\n', 1)[0] ?? '');
    expect(first).toMatchObject({ type: 'header', format: 'coucou-export', version: 1 });
  });
});

describe('an export that somebody changed', () => {
  const LINE = 'two\u2028lines\u2029of JSON';
  const jsonLines = (lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  let source: string;
  beforeEach(async () => {
    source = await mkdtemp(path.join(folder, 'hostile-'));
    await writeFile(path.join(folder, 'secret'), 'a secret of the operator');
  });

  it('leads no converter out of its folder, by links, paths or names: Rocket.Chat', async () => {
    const sender = { _id: 'u1', username: 'ann' };
    const message = (id: string, more: object) => ({ _id: id, rid: 'r1', ts: { $date: 1_600_000_000_000 }, u: sender, msg: LINE, ...more });
    // In the folder of uploads, and elsewhere seen from the folder that is written.
    const climbing = '../../../../a/b/rocket/uploads/evil';
    const from = path.join(source, 'a/b/rocket');
    const out = path.join(source, 'x/y/z/out');
    const elsewhere = path.join(source, 'x/a/b/rocket/uploads');
    await mkdir(path.dirname(out), { recursive: true });
    await mkdir(elsewhere, { recursive: true });
    await mkdir(path.join(from, 'uploads'), { recursive: true });
    await writeFile(path.join(from, 'uploads/evil'), 'evil');
    await writeFile(path.join(from, 'uploads/good'), 'good');
    await symlink(path.join(folder, 'secret'), path.join(from, 'uploads/link'));
    await symlink(folder, path.join(from, 'uploads/folder'));
    const files = [climbing, 'link', 'folder/secret', '../../../../secret', '..', '.', 'good'].map((_id) => ({ _id, name: 'a.txt' }));
    await writeFile(path.join(from, 'users.json'), jsonLines([sender]));
    await writeFile(path.join(from, 'rocketchat_room.json'), jsonLines([{ _id: 'r1', t: 'c', name: 'general', u: sender }]));
    await writeFile(path.join(from, 'rocketchat_subscription.json'), jsonLines([{ rid: 'r1', u: sender }]));
    await writeFile(path.join(from, 'rocketchat_message.json'), jsonLines([message('m1', { files })]));
    await run('rocket-chat', from, out);
    expect(await readdir(path.join(out, 'files'))).toEqual(['good']);
    expect(await readdir(elsewhere)).toEqual([]);
    const written = (await readFile(path.join(out, 'account.ndjson'), 'utf8')).trim().split('\n');
    const lines: Payload[] = written.map((line) => JSON.parse(line));
    expect(lines.find(({ type }) => type === 'message')).toMatchObject({ text: LINE, attachments: ['good'] });
  });

  it('leads no converter out of its folder, by links, paths or names: Mattermost', async () => {
    await mkdir(path.join(source, 'data'));
    await symlink(path.join(folder, 'secret'), path.join(source, 'data/link'));
    await symlink(folder, path.join(source, 'data/folder'));
    await writeFile(path.join(source, 'data/good.txt'), 'good');
    const attachments = ['link', 'folder/secret', '../../secret', path.join(folder, 'secret'), 'good.txt'].map((file) => ({ path: file }));
    const post = { team: 't', channel: 'square', user: 'ann', message: LINE, create_at: 1_600_000_000_000, attachments };
    await writeFile(
      path.join(source, 'import.jsonl'),
      jsonLines([
        { type: 'version', version: 1 },
        { type: 'channel', channel: { team: 't', name: 'square', display_name: 'Square', type: 'O' } },
        { type: 'user', user: { username: 'ann' } },
        { type: 'post', post },
      ]),
    );
    const out = path.join(source, 'out');
    await run('mattermost', source, out);
    const files = await readdir(path.join(out, 'files'));
    expect(await Promise.all(files.map((file) => readFile(path.join(out, 'files', file), 'utf8')))).toEqual(['good']);
    const written = (await readFile(path.join(out, 'account.ndjson'), 'utf8')).trim().split('\n');
    const lines: Payload[] = written.map((line) => JSON.parse(line));
    expect(lines.find(({ type }) => type === 'message')).toMatchObject({ text: LINE });
  });

  it('is converted into a folder that only its owner may read', async () => {
    const out = path.join(source, 'own');
    await run('rocket-chat', path.join(import.meta.dirname, 'samples', 'rocket-chat'), out);
    const modes = await Promise.all([out, path.join(out, 'files'), path.join(out, 'account.ndjson')].map((each) => stat(each)));
    expect(modes.map(({ mode }) => mode & 0o077)).toEqual([0, 0, 0]);
  });
});
