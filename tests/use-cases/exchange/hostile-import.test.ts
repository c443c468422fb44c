import { type Deps, type Resolve, resolvePorts } from '@coucou/application/kernel/token';
import { Transactions, withRepositories } from '@coucou/application/ports/unit-of-work';
import { HeldNames } from '@coucou/application/users/repositories';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { comparable, exportOf, header, importInto, type Line, time } from './exchange.ts';

/** Files that somebody made to do harm, or that went wrong on their way. */

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
});

const person = (name: string, more: Line = {}): Line => ({ type: 'user', id: `u-${name}`, username: name, ...more });
const people = [person('ann', { email: 'ann@example.com' }), person('ben'), person('cem')];
const group: Line = { type: 'conversation', id: 'c', kind: 'group', title: 'Lounge', createdBy: 'u-ann', createdAt: time(0) };
const direct: Line = { type: 'conversation', id: 'd', kind: 'direct', people: ['u-ann', 'u-ben'], createdAt: time(0) };
const member = (name: string, conversation = 'c'): Line => ({ type: 'member', conversation, user: `u-${name}` });
const message = (id: string, minute: number, more: Line = {}): Line => ({
  type: 'message',
  id,
  conversation: 'c',
  author: 'u-ann',
  createdAt: time(minute),
  text: `text of ${id}`,
  ...more,
});
const start = [header, ...people, group, member('ann'), direct];
/** The line that a file has after `start`. */
const NEXT = start.length + 1;
const soon = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

const both = (lines: readonly (Line | string | Buffer)[]) =>
  Promise.all([importInto(app, account, lines), app.account().then((other) => importInto(app, other, lines, { dryRun: true }))]);

describe('a line', () => {
  it.each<[string, Line | string | Buffer, RegExp]>([
    ['longer than a line may be', message('1', 1, { text: 'x'.repeat(300_000) }), /at most 262144 bytes/],
    [
      'that is nested deeply',
      `{"type":"message","id":"1","conversation":"c","author":"u-ann","createdAt":"${time(1)}","data":{"a":${nested(60_000)}}}`,
      /data/,
    ],
    ['of nothing but brackets', nested(100_000), /./],
    ['that is not UTF-8', Buffer.from('{"type":"user","id":"u-\xff","username":"dee"}', 'latin1'), /is not JSON in UTF-8/],
    ['with a NUL in an id', person('dee', { id: 'u-\0' }), /id/],
    [
      'with half a surrogate pair in its data',
      `{"type":"message","id":"1","conversation":"c","author":"u-ann","createdAt":"${time(1)}","data":{"a":"\\ud800"}}`,
      /data/,
    ],
    [
      'with a number that is none',
      `{"type":"message","id":"1","conversation":"c","author":"u-ann","createdAt":"${time(1)}","data":{"a":1e999}}`,
      /data/,
    ],
    ['of a message of tomorrow', message('1', 1, { createdAt: soon(24 * 60) }), /future/],
    ['of a conversation of tomorrow', { ...group, id: 'e', createdAt: soon(24 * 60) }, /future/],
    ['of a person of tomorrow', person('dee', { createdAt: soon(24 * 60) }), /future/],
    ['of a third person in a direct conversation', member('cem', 'd'), /direct/],
    ['of a group that was a direct conversation', { ...group, id: 'd' }, /another conversation has this id/],
    ['of a path with a folder', { type: 'attachment', id: 'a', owner: 'u-ann', name: 'a', file: 'files/a/../../b' }, /file/],
    ['of a path that is a folder', { type: 'attachment', id: 'a', owner: 'u-ann', name: 'a', file: 'files/..' }, /file/],
    ['of a path with a NUL', { type: 'attachment', id: 'a', owner: 'u-ann', name: 'a', file: 'files/a\0b' }, /file/],
  ])('%s is refused by its number, also in a dry run', async (_what, line, why) => {
    for (const { faults } of await both([...start, line])) expect(faults).toEqual([{ line: NEXT, error: expect.stringMatching(why) }]);
  });

  it.each<[string, Line[], object]>([
    ['a message twice', [message('1', 1), message('1', 1), message('1', 2, { text: 'another' })], { messages: 1, messagesThere: 2 }],
    ['a message of somebody who is no member', [message('1', 1, { author: 'u-cem' })], { messages: 1 }],
    ['a person twice', [person('ann'), person('ann')], { people: 3, peopleThere: 2 }],
    ['a message a minute ahead of the clock', [message('1', 1, { createdAt: soon(0.5) })], { messages: 1 }],
    [
      'names of the language',
      [person('proto', { id: '__proto__' }), message('constructor', 1, { author: '__proto__' })],
      { people: 4, messages: 1 },
    ],
  ])('may be %s', async (_what, lines, figures) => {
    expect(await importInto(app, account, [...start, ...lines])).toMatchObject({ ...figures, faults: [] });
  });
});

/** Everything that people wrote, in its order. */
async function texts(): Promise<string[]> {
  const { lines } = await exportOf(app, account);
  return lines.filter(({ type }) => type === 'message').map((line) => String(line['text']));
}
const numbered = (count: number, more: (at: number) => Line = () => ({})): Line[] =>
  Array.from({ length: count }, (_, at) => message(String(at), at, more(at)));
const textsOf = (count: number) => numbered(count).map((line) => line['text']);

describe('a line that is wrong', () => {
  it.each<[string, Line]>([
    ['of nobody', { author: 'u-nobody' }],
    ['of no conversation', { conversation: 'nowhere' }],
    ['that is too early', { createdAt: time(-1) }],
    ['of tomorrow', { createdAt: soon(24 * 60) }],
  ])('%s keeps back what follows it, and nothing that stands before it', async (_what, wrong) => {
    const lines = [...start, ...numbered(20, (at) => (at === 12 ? wrong : {}))];
    const report = await importInto(app, account, lines);
    expect(report).toMatchObject({ messages: 12, faults: [{ line: NEXT + 12 }], opened: 0 });
    expect(await texts()).toEqual(textsOf(12));
    expect(await importInto(app, account, [...start, ...numbered(20)])).toMatchObject({
      messages: 8,
      messagesThere: 12,
      faults: [],
      opened: 2,
    });
    expect(await texts()).toEqual(textsOf(20));
  });

  it('is the first of several, whatever kind each is of', async () => {
    const reaction = { type: 'reaction', conversation: 'c', message: '0', user: 'u-nobody', emoji: '👍' };
    const lines = [...start, ...numbered(3), reaction, message('3', 3, { author: 'u-nobody' }), member('nobody')];
    expect(await importInto(app, account, lines)).toMatchObject({ messages: 3, reactions: 0, faults: [{ line: NEXT + 3 }] });
  });
});

describe('an id', () => {
  it.each<[string, Line, Line]>([
    ['a group where a direct conversation was', { ...direct, id: 'x' }, { ...group, id: 'x' }],
    ['a direct conversation where a group was', { ...group, id: 'x' }, { ...direct, id: 'x' }],
    ['a direct conversation where one of others was', { ...direct, id: 'x' }, { ...direct, id: 'x', people: ['u-ann', 'u-cem'] }],
  ])('is refused for %s by an earlier import', async (_what, earlier, later) => {
    expect(await importInto(app, account, [header, ...people, earlier])).toMatchObject({ faults: [] });
    const private_ = { ...message('1', 1), conversation: 'x' };
    expect(await importInto(app, account, [header, ...people, later, private_])).toMatchObject({
      messages: 0,
      faults: [{ line: 5, error: expect.stringMatching(/another conversation has this id/) }],
    });
  });
});

describe('an import that is killed', () => {
  /** Stores as the app does; after so many commits the process is gone. */
  const killedAfter = (commits: number) => {
    let left = commits;
    const { container } = app;
    const transactions = container.resolve(Transactions);
    const dying: Transactions = {
      ...transactions,
      async write(of, work) {
        if (left === 0) throw new Error('killed');
        left -= 1;
        return transactions.write(of, work);
      },
    };
    const resolve: Resolve = (token) => (token === (Transactions as symbol) ? dying : container.resolve(token)) as never;
    return { container: { portsOf: <D extends Deps>(deps: D) => resolvePorts(deps, resolve) } };
  };

  it('is completed by the next, with every message once, wherever it ended', async () => {
    // Without a time of its own a line has that of its import.
    const dated = start.map((line) => (line['type'] === 'user' ? { ...line, createdAt: time(0) } : line));
    const lines = [
      ...dated,
      member('ben'),
      { type: 'attachment', id: 'a', owner: 'u-ann', name: 'a.txt', file: 'files/a' },
      ...numbered(520, (at) => (at === 510 ? { attachments: ['a'] } : {})),
      { type: 'reaction', conversation: 'c', message: '3', user: 'u-ben', emoji: '👍', createdAt: time(4) },
      { type: 'receipt', conversation: 'c', user: 'u-ben', read: '515' },
    ];
    const files = new Map([['files/a', Buffer.from('kept')]]);
    const whole = await app.account();
    await importInto(app, whole, lines, { files });
    const expected = comparable(await exportOf(app, whole));
    for (let commits = 0, isDone = false; !isDone; commits += 1) {
      const target = await app.account();
      isDone = await importInto(killedAfter(commits), target, lines, { files }).then(
        () => true,
        (error: Error) => {
          expect(error.message).toBe('killed');
          return false;
        },
      );
      expect(await importInto(app, target, lines, { files })).toMatchObject({ faults: [], filesMissing: 0, filesRefused: 0 });
      expect(comparable(await exportOf(app, target)), `after ${commits} commits`).toEqual(expected);
    }
  });
});

describe('a dry run', () => {
  it('finds the names that people of the account have already', async () => {
    await app.person('dan', account);
    const there = (await exportOf(app, account)).lines.find(({ displayName }) => displayName === 'dan');
    const lines = [
      header,
      person(there?.['username'], { id: '1', email: 'another@example.com' }),
      person('eve', { id: '2', email: there?.['email'] }),
      person('fay', { id: '3' }),
      person(there?.['username'].toUpperCase(), { id: '4', email: there?.['email'] }),
    ];
    const report = await importInto(app, account, lines, { dryRun: true });
    expect(report.faults).toEqual([
      { line: 2, error: expect.stringMatching(/username is taken/) },
      { line: 3, error: expect.stringMatching(/address is already in use/) },
    ]);
    expect(report).toMatchObject({ people: 1, peopleThere: 1 });
  });

  it('finds nothing wrong with what is there by an import already', async () => {
    const lines = [...start, message('1', 1)];
    await importInto(app, account, lines);
    expect(await importInto(app, account, lines, { dryRun: true })).toMatchObject({ people: 0, peopleThere: 3, faults: [] });
  });

  it('finds a name that is held for somebody else, as the import does, and no longer than it is held', async () => {
    const dan = await app.person('dan', account);
    const names = withRepositories(app.container.resolve(Transactions), { held: HeldNames });
    const hold = (name: string, until: string) =>
      names.write(account, (tx) => tx.held.put({ kind: 'username', name, userId: dan.id, until: new Date(until), securityVersion: 1 }));
    await hold('gil', soon(60));
    await hold('hal', soon(-60));
    const lines = [header, person('hal', { createdAt: time(0) }), person('gil', { createdAt: time(0) })];
    for (const dryRun of [true, false])
      expect(await importInto(app, account, lines, { dryRun })).toMatchObject({
        people: 1,
        faults: [{ line: 3, error: expect.stringMatching(/username is taken/) }],
      });
  });

  it('finds an address twice', async () => {
    const report = await importInto(app, account, [header, ...people, person('dee', { email: 'ANN@example.com' })], { dryRun: true });
    expect(report.faults).toEqual([{ line: 5, error: expect.stringMatching(/address/) }]);
  });
});
