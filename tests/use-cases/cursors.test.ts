import { randomUUID } from 'node:crypto';
import { createExecute, cursorFields } from '@coucou/application/kernel/execute';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { createCursors } from '@coucou/security/cursors';
import { User } from '@coucou/domain/users/user';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { inputsNamingIds, inputWithoutIds } from '../isolation/inputs.ts';
import { coreCatalogue } from '../support/coucou.ts';
import type { Payload } from '../support/event-log.ts';
import { type Caller, openTestApp, SECRET, type TestApp } from '../support/test-app.ts';
import { openGroup, refusal } from './calls.ts';

/** Every list and search of the product, found by its contract: whoever adds one is held to the same. */

const fieldsOf = (schema: z.ZodType | undefined): readonly string[] =>
  schema === undefined
    ? []
    : Object.keys((z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) as { properties?: object }).properties ?? {});

const cursorOf = (operation: Operation) => cursorFields.output.find((name) => fieldsOf(operation.output).includes(name));
const lists = coreCatalogue.operations.filter((operation) => cursorOf(operation) !== undefined);

let app: TestApp;
let alice: Caller;
let bob: Caller;
let elsewhere: Caller;
beforeAll(async () => {
  app = await openTestApp();
  [alice, bob] = [await app.person('alice'), await app.person('bob')];
  const other = await app.account();
  elsewhere = app.as(alice.id, other);
  // Some lists are for administrators.
  await app.uow.write(other, (tx) => tx.users.add({ ...personOf(elsewhere), role: 'owner' }, undefined));
  await app.sql("update app_user set role = 'owner' where id = any($1::uuid[])", [[alice.id, bob.id]]);
});

const personOf = ({ account, id }: Caller): User =>
  User.signUp({ accountId: account, id, username: 'alice', email: 'alice@example.com', displayName: undefined, now: new Date() });
afterAll(() => app.close());

const cursors = createCursors(SECRET);
const holderOf = ({ account, id }: Caller, operation: string) => ({ account, person: id, operation });
const inputOf = ({ input }: Operation): Record<string, unknown> =>
  (inputWithoutIds(input, 'hello') ?? inputsNamingIds(input, () => randomUUID())[0]) as Record<string, unknown>;
const place = JSON.stringify(['of no list', '2026-01-15T12:00:00.000Z', randomUUID(), 4711]);

describe.each(lists.map((operation) => [operation.name, operation] as const))('the cursor of %s', (name, operation) => {
  const answered = cursorOf(operation) ?? expect.unreachable();
  const taken = answered === 'headsCursor' ? 'headsCursor' : 'cursor';
  const ask = (who: Caller, cursor: string) => who.call(name, { ...inputOf(operation), [taken]: cursor });

  it('leaves the server sealed and comes back opened', async () => {
    const seen: unknown[] = [];
    const execute = createExecute({ validateOutput: false, cursors, roleOf: async () => 'owner' });
    const call = {
      requestId: 'r',
      account: alice.account,
      actor: { userId: alice.id, sessionId: randomUUID() as never },
      client: { ip: '', userAgent: '' },
    };
    const ready = {
      operation,
      run: async (input: unknown) => (seen.push((input as Payload)[taken]), { body: { [answered]: place }, existing: false }),
    };
    const sealed = ((await execute(ready, inputOf(operation), call)).body as Payload)[answered];
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toMatch(/of no list|2026|4711/);
    await execute(ready, { ...inputOf(operation), [taken]: sealed }, call);
    expect(seen).toEqual([undefined, place]);
  });

  it('is refused to another person, in another account, for another operation, changed, or made up', async () => {
    const sealed = cursors.seal(place, holderOf(alice, name));
    const middle = sealed.length >> 1;
    const changed = sealed.slice(0, middle) + (sealed[middle] === 'A' ? 'B' : 'A') + sealed.slice(middle + 1);
    const readable = Buffer.from(place).toString('base64url');
    const other = cursors.seal(place, holderOf(alice, `${name}s`));
    for (const cursor of [changed, `${sealed}A`, other, place, readable, '', 'x'])
      expect([cursor, await refusal(ask(alice, cursor))]).toEqual([cursor, 'CURSOR_INVALID']);
    for (const who of [bob, elsewhere]) expect(await refusal(ask(who, sealed))).toBe('CURSOR_INVALID');
    expect(operation.errors).toContain('CURSOR_INVALID');
  });
});

it('are those of all lists', () => {
  expect(lists.length).toBeGreaterThanOrEqual(17);
  expect(lists.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['messages.search', 'polls.voters', 'sync.conversations', 'users.search']),
  );
  const others = coreCatalogue.operations.filter((operation) => !lists.includes(operation));
  expect(others.filter(({ input }) => fieldsOf(input).some((field) => /cursor/i.test(field))).map(({ name }) => name)).toEqual([]);
});

it('of a page that a person was answered is worth nothing to anybody else', async () => {
  await openGroup(alice, [bob]);
  await openGroup(alice, [bob]);
  const { nextCursor } = await alice.call('conversations.list', { limit: 1 });
  expect((await alice.call('conversations.list', { limit: 1, cursor: nextCursor })).items).toHaveLength(1);
  expect(await refusal(bob.call('conversations.list', { limit: 1, cursor: nextCursor }))).toBe('CURSOR_INVALID');
});
