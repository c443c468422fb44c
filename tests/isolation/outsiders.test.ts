import { randomUUID } from 'node:crypto';
import { coreCatalogue } from '../support/coucou.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { everyCaller } from '../support/callers.ts';
import type { SocketClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { expectStatus, type Person, signUp } from '../support/people.ts';
import { giveRole } from '../support/roles.ts';
import { addedKinds, type Belongings, belongingsOf } from './belongings.ts';
import { comparable } from './comparable.ts';
import { inputsNamingIds } from './inputs.ts';

/** People of one account, asking about what is not theirs: a stranger, a removed member, and someone who was blocked. */

let app: ListeningApp;
let database: Awaited<ReturnType<typeof createDatabase>>;
let theirs: Belongings;
const actors: Record<string, { person: Person; socket: SocketClient }> = {};

const operations = coreCatalogue.operations;
type Operation = (typeof operations)[number];

async function enter(name: string): Promise<Person> {
  const person = await signUp(app.url, name);
  const socket = person.plain();
  await socket.connect();
  actors[name] = { person, socket };
  return person;
}

beforeAll(async () => {
  database = await createDatabase();
  app = await startTestApp({ database });
  const alice = await signUp(app.url, 'alice');
  await giveRole(database, alice.id, 'owner');
  theirs = await belongingsOf(database, [alice, await signUp(app.url, 'bob'), await signUp(app.url, 'carol')], 'theirs');
  await enter('stranger');
  const removed = await enter('removed');
  const members = `/api/v1/conversations/${theirs['conversation']}/members`;
  expectStatus(await alice.http.call('POST', members, { userIds: [removed.id] }), 201);
  expectStatus(await alice.http.call('DELETE', `${members}/${removed.id}`), 204);
  const blocked = await enter('blocked');
  expectStatus(await alice.http.call('PUT', `/api/v1/blocks/${blocked.id}`), 204);
  await app.settled();
});
afterAll(async () => {
  for (const { socket } of Object.values(actors)) await socket.close();
  await app?.close();
  await database?.drop();
});

/** Inputs in which these kinds are theirs, or nobody's; whatever else is named does not exist. */
const naming = (operation: Operation, kinds: readonly string[], belongings: Belongings | undefined) =>
  inputsNamingIds(operation.input, (kind) => (kinds.includes(kind) && belongings?.[kind]) || randomUUID()) as Record<string, unknown>[];

const naturals = (kinds: readonly string[]): Operation[] =>
  operations.filter(({ input }) => {
    let named = false;
    inputsNamingIds(input, (kind) => {
      named ||= kinds.includes(kind);
      return randomUUID();
    });
    return named;
  });

async function expectSame(actor: string, operation: Operation, kinds: readonly string[]): Promise<void> {
  const { person, socket } = actors[actor] ?? {};
  if (person === undefined || socket === undefined) throw new Error(`nobody is ${actor}`);
  const nobodys = naming(operation, kinds, undefined);
  for (const caller of everyCaller(operation, person.http, socket))
    for (const [index, input] of naming(operation, kinds, theirs).entries()) {
      const answered = await caller.call(operation, input);
      const compared = await caller.call(operation, nobodys[index] ?? {});
      expect(comparable(answered, undefined)).toBe(comparable(compared, undefined));
    }
}

/** What everybody of the account may see. */
const OPEN_TO_ALL = new Set(['userGroup']);
const PLACES = ['conversation', 'message', 'attachment', 'friendRequest', 'notification', 'report', 'moderationRule', ...addedKinds].filter(
  (kind) => !OPEN_TO_ALL.has(kind),
);

describe.each(['stranger', 'removed'])('to a %s', (actor) => {
  it.each(naturals(PLACES).map((operation) => [operation.name, operation] as const))(
    '%s answers what is not theirs as it answers what does not exist',
    async (_, operation) => {
      await expectSame(actor, operation, PLACES);
    },
  );
});

/** A block in return, the end of one, and a report are acts of one's own; they tell nothing of the other's block. */
const OWN_ACTS = new Set(['blocks.put', 'blocks.delete', 'reports.create']);

describe('to someone who was blocked', () => {
  it.each(
    naturals(['user'])
      .filter(({ name }) => !OWN_ACTS.has(name))
      .map((operation) => [operation.name, operation] as const),
  )('%s answers about the one who blocked them as about nobody', async (_, operation) => {
    await expectSame('blocked', operation, ['user']);
  });
});
