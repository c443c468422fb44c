import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import type { AccountRole } from '@coucou/domain/users/user';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CursorHolder, Cursors } from '../ports/cursors.ts';
import type { Call } from './call.ts';
import { createExecute, type ExecutableOperation } from './execute.ts';

const call: Call = { requestId: 'r', account: asId('a'), client: { ip: '::1', userAgent: '' } };
const signedIn: Call = { ...call, actor: { userId: asId('u'), sessionId: asId('s') } };
/** Stands in for encryption: a readable prefix with the holder. */
const holding = ({ account, person, operation }: CursorHolder) => `${account}/${person}/${operation}:`;
const cursors: Cursors = {
  seal: (place, holder) => holding(holder) + place,
  open(cursor, holder) {
    if (!cursor.startsWith(holding(holder))) throw errors.CURSOR_INVALID();
    return cursor.slice(holding(holder).length);
  },
};
const roles = new Map<string, AccountRole>([
  ['the owner', 'owner'],
  ['u', 'member'],
]);
const execute = createExecute({ validateOutput: true, cursors, roleOf: async (_account, userId) => roles.get(userId) });

const greet: ExecutableOperation = {
  name: 'greetings.make',
  http: { status: 201, existing: 200 },
  access: 'user',
  input: z.strictObject({ name: z.string().max(5), times: z.int().default(1), data: z.record(z.string(), z.unknown()).optional() }),
  output: z.object({ text: z.string() }),
};
const answering = (body: unknown, existing = false) => ({ operation: greet, run: async () => ({ body, existing }) });
const refusal = (promise: Promise<unknown>): Promise<ChatError> =>
  promise.then(
    () => {
      throw new Error('was not refused');
    },
    (error: unknown) => error as ChatError,
  );

describe('execute', () => {
  it('passes the parsed input on and answers with the status of the contract', async () => {
    const seen: unknown[] = [];
    const ready = { operation: greet, run: async (input: unknown) => (seen.push(input), { body: { text: 'hi' }, existing: false }) };

    expect(await execute(ready, { name: 'bob' }, signedIn)).toEqual({ status: 201, body: { text: 'hi' } });
    expect(seen).toEqual([{ name: 'bob', times: 1 }]);
  });

  it('tells a result that was there before', async () => {
    expect((await execute(answering({ text: 'hi' }, true), { name: 'bob' }, signedIn)).status).toBe(200);
  });

  it('answers 204 where there is nothing to answer', async () => {
    const { output: _, ...silent } = greet;
    const ready = { operation: silent, run: async () => ({ body: undefined, existing: false }) };
    expect(await execute(ready, { name: 'bob' }, signedIn)).toEqual({ status: 204, body: undefined });
  });

  it('gives an operation of administration the authority of its caller, and reads a role for no other', async () => {
    const seen: unknown[] = [];
    const administer: ExecutableOperation = {
      name: 'things.administer',
      access: 'admin',
      scope: 'things:write',
      input: z.strictObject({}),
    };
    const ready = {
      operation: administer,
      run: async (_input: unknown, given: Call) => (seen.push(given.authority), { body: {}, existing: false }),
    };
    await execute(ready, {}, { ...call, actor: { userId: asId('the owner'), sessionId: asId('s') } });
    expect(seen).toEqual([{ by: 'person', userId: 'the owner', role: 'owner' }]);
    expect(await refusal(execute(ready, { wrong: true }, signedIn))).toMatchObject({ code: 'FORBIDDEN' });
    // Not by what the caller says.
    const forged = { ...signedIn, authority: { by: 'operator' } as const };
    expect(await refusal(execute(ready, {}, forged))).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('wants an actor before it looks at the input', async () => {
    expect(await refusal(execute(answering({}), { wrong: true }, call))).toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  it.each([
    [undefined, [{ path: [], rule: 'invalid_type' }]],
    ['text', [{ path: [], rule: 'invalid_type' }]],
    [{ name: 'far too long' }, [{ path: ['name'], rule: 'too_big' }]],
    [{ name: 'bob', role: 'admin' }, [{ path: [], rule: 'unrecognized_keys', keys: ['role'] }]],
    [JSON.parse('{"name":"bob","__proto__":{"x":1}}'), [{ path: ['__proto__'], rule: 'unrecognized_keys' }]],
    [{ name: 'bob', data: { list: [{ constructor: 1 }] } }, [{ path: ['data', 'list', 0, 'constructor'], rule: 'unrecognized_keys' }]],
  ])('refuses %j and says why', async (input, details) => {
    expect(await refusal(execute(answering({}), input, signedIn))).toMatchObject({ code: 'VALIDATION_FAILED', details });
  });

  it('bears nesting without an end', async () => {
    let deep: unknown = {};
    for (let level = 0; level < 20_000; level++) deep = { deep };
    expect(await refusal(execute(answering({}), { name: 'bob', data: deep }, signedIn))).toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('takes an answer that does not fit its contract for a fault of the server', async () => {
    const wrong = await refusal(execute(answering({ text: 1 }), { name: 'bob' }, signedIn));
    const leak = await refusal(execute(answering({ text: 'hi', passwordHash: 'x' }), { name: 'bob' }, signedIn));

    expect(wrong).not.toBeInstanceOf(ChatError);
    expect(leak.message).toContain('greetings.make');
  });

  it('opens the cursor that it sealed for this person and operation, and no other', async () => {
    const list: ExecutableOperation = {
      name: 'greetings.list',
      access: 'user',
      input: z.strictObject({ cursor: z.string().optional() }),
      output: z.object({ items: z.array(z.string()), nextCursor: z.string().nullable() }),
    };
    const seen: unknown[] = [];
    const ready = {
      operation: list,
      run: async (input: unknown) => (seen.push(input), { body: { items: [], nextCursor: 'a place' }, existing: false }),
    };
    const { body } = await execute(ready, {}, signedIn);
    expect(body).toEqual({ items: [], nextCursor: 'a/u/greetings.list:a place' });
    await execute(ready, { cursor: 'a/u/greetings.list:a place' }, signedIn);
    expect(seen).toEqual([{}, { cursor: 'a place' }]);
    for (const cursor of ['a place', 'a/v/greetings.list:a place', 'a/u/greetings.all:a place', ''])
      expect(await refusal(execute(ready, { cursor }, signedIn))).toMatchObject({ code: 'CURSOR_INVALID' });
    expect(seen).toHaveLength(2);
    const last = { ...ready, run: async () => ({ body: { items: [], nextCursor: null }, existing: false }) };
    expect((await execute(last, {}, signedIn)).body).toEqual({ items: [], nextCursor: null });
  });
});
