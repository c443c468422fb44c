import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { comparable, exportOf, type Files, header, importInto, type Line, time } from './exchange.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

const PEOPLE = ['ann', 'ben', 'cem', 'dee'];
const someone = fc.constantFrom(...PEOPLE.map((name) => `u-${name}`));
const conversation = fc.constantFrom('group', 'direct', 'empty-handed');
const minutes = { min: 0, max: 3 };

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      is: fc.constant('message' as const),
      conversation,
      author: someone,
      later: fc.integer(minutes),
      text: fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).filter((text) => text.isWellFormed() && !text.includes('\0')),
      refersTo: fc.option(fc.nat(), { nil: undefined }),
      refersBy: fc.constantFrom('replyTo', 'thread'),
      mentions: fc.uniqueArray(someone, { maxLength: 2 }),
      state: fc.constantFrom('plain', 'plain', 'edited', 'deleted', 'pinned', 'withFile', 'custom'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ is: fc.constant('reaction' as const), at: fc.nat(), user: someone, emoji: fc.constantFrom('👍', '🎉') }),
  },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('receipt' as const), at: fc.nat(), user: someone }) },
);

/** An account as lines of its source. */
function history(steps: readonly (typeof step extends fc.Arbitrary<infer Step> ? Step : never)[]): { lines: Line[]; files: Files } {
  const files = new Map<string, Buffer>();
  const messages: { id: string; conversation: string; thread: boolean; deleted: boolean }[] = [];
  let minute = 0;
  const lines = steps.flatMap((each, index): Line[] => {
    const of = (at: number) => messages[at % Math.max(1, messages.length)];
    if (each.is !== 'message') {
      const message = of(each.at);
      if (message === undefined) return [];
      const { conversation: where, id } = message;
      if (each.is === 'receipt') return [{ type: 'receipt', conversation: where, user: each.user, read: id }];
      return [{ type: 'reaction', conversation: where, message: id, user: each.user, emoji: each.emoji, createdAt: time(500 + index) }];
    }
    const { conversation: where, author, state, text, mentions } = each;
    minute += each.later;
    const id = `${index}`;
    const referred = each.refersTo === undefined ? undefined : of(each.refersTo);
    const isRelated = referred !== undefined && referred.conversation === where && !(each.refersBy === 'thread' && referred.thread);
    messages.push({ id, conversation: where, thread: isRelated && each.refersBy === 'thread', deleted: state === 'deleted' });
    const file = { type: 'attachment', id: `f${index}`, owner: author, name: `${index}.txt`, file: `files/${index}.txt` };
    if (state === 'withFile') files.set(file.file, Buffer.from(`file ${index}`));
    return [
      ...(state === 'withFile' ? [file] : []),
      {
        type: 'message',
        id,
        conversation: where,
        author,
        createdAt: time(minute),
        kind: state === 'custom' ? 'custom' : state === 'withFile' ? 'file' : 'text',
        ...(state === 'deleted' ? { deletedAt: time(600) } : { text, mentions }),
        ...(isRelated ? { [each.refersBy]: referred.id } : {}),
        ...(state === 'edited' ? { editedAt: time(700) } : {}),
        ...(state === 'pinned' ? { pinnedAt: time(800), pinnedBy: 'u-ann' } : {}),
        ...(state === 'withFile' ? { attachments: [file.id] } : {}),
        ...(state === 'custom' ? { data: { place: index } } : {}),
      },
    ];
  });
  return {
    files,
    lines: [
      header,
      ...PEOPLE.map((name) => ({
        type: 'user',
        id: `u-${name}`,
        username: name,
        bio: `I am ${name}`,
        suspended: name === 'dee',
        createdAt: time(0),
      })),
      { type: 'conversation', id: 'direct', kind: 'direct', people: ['u-ann', 'u-ben'], createdAt: time(0) },
      ...['group', 'empty-handed'].map((id) => ({
        type: 'conversation',
        id,
        kind: 'group',
        title: id,
        createdBy: 'u-ann',
        createdAt: time(0),
      })),
      ...['ann', 'ben', 'cem'].map((name) => ({ type: 'member', conversation: 'group', user: `u-${name}`, joinedAt: time(0) })),
      ...lines,
    ],
  };
}

describe('what was imported', () => {
  it('is exported as it was, and imported again elsewhere the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { lines, files } = history(steps);
        const [first, second] = [await app.account(), await app.account()];
        expect(await importInto(app, first, lines, { files })).toMatchObject({ faults: [], filesMissing: 0, filesRefused: 0 });
        const exported = await exportOf(app, first);
        expect(await importInto(app, second, exported.lines, exported)).toMatchObject({ faults: [], filesMissing: 0, filesRefused: 0 });
        const before = comparable(exported);
        expect(comparable(await exportOf(app, second))).toEqual(before);
        const count = (type: string) => before.filter((line) => line.startsWith(`{"type":"${type}"`)).length;
        expect(count('message')).toBe(lines.filter(({ type }) => type === 'message').length);
        expect(count('attachment')).toBe(files.size);
      }),
      { numRuns: 15 },
    );
  });

  it('has numbers without gaps, and counts what is unread as one would by hand', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { lines, files } = history(steps);
        const account = await app.account();
        await importInto(app, account, lines, { files });
        for (const user of (await exportOf(app, account)).lines.filter(({ type, suspended }) => type === 'user' && suspended === false)) {
          const { items } = await app.as(user.id, account).call('conversations.list', { limit: 100 });
          for (const { id, lastSeq, unread, membership, version } of items) {
            const page = await app.as(user.id, account).call('messages.list', { conversationId: id, limit: 100 });
            const messages = page.items.toSorted((a: { seq: number }, b: { seq: number }) => a.seq - b.seq);
            expect(messages.map(({ seq }: { seq: number }) => seq)).toEqual(Array.from({ length: lastSeq }, (_, at) => at + 1));
            const versions = messages.map((message: { version: number }) => message.version);
            expect(new Set(versions).size).toBe(versions.length);
            expect(Math.max(1, ...versions)).toBeLessThan(version);
            const counted = messages.filter(
              (message: { seq: number; senderId: string; threadRootId?: string }) =>
                message.seq > membership.readSeq && message.senderId !== user.id && message.threadRootId === undefined,
            );
            expect(unread.messages).toBe(counted.length);
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  it('goes with the hashes of passwords where that is asked for', async () => {
    const [first, second] = [await app.account(), await app.account()];
    const passwordHash = '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW';
    await importInto(app, first, [header, { type: 'user', id: '1', username: 'ann', passwordHash }]);
    expect((await exportOf(app, first)).lines[1]).not.toHaveProperty('passwordHash');
    const { lines } = await exportOf(app, first, true);
    expect(lines[1]).toMatchObject({ passwordHash });
    expect(await importInto(app, second, lines)).toMatchObject({ people: 1, faults: [] });
  });
});
