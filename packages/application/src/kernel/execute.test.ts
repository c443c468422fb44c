import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import type { AccountRole } from '@coucou/domain/users/user';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { CursorHolder, Cursors } from '../ports/cursors.ts';
import type { Call } from './call.ts';
import { createExecute, type ExecutableOperation } from './execute.ts';
import type { Answer } from './operation.ts';
import type { OperationLimits } from './operation-limits.ts';

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

describe('the limit of an operation', () => {
  const limited: ExecutableOperation = { ...greet, limit: 'messages' };
  const given: unknown[] = [];
  const taking = (take: OperationLimits['take']) =>
    createExecute({
      validateOutput: true,
      cursors,
      roleOf: async () => undefined,
      limits: { take, giveBack: (policy, input) => void given.push([policy, input]) },
    });
  const begun: unknown[] = [];
  const ready = (operation: ExecutableOperation, resent?: () => Promise<Answer | undefined>) => ({
    operation,
    run: async (input: unknown) => (begun.push(input), { body: { text: 'hi' }, existing: false }),
    resent,
  });
  const refuses: OperationLimits['take'] = () => {
    throw errors.RATE_LIMITED();
  };
  beforeEach(() => void (begun.length = given.length = 0));

  it('is taken with the checked input, and a granted call begins in the same turn', async () => {
    const taken: unknown[] = [];
    const granting = taking((policy, input) => void taken.push([policy, input]));
    const answer = granting(ready(limited), { name: 'bob' }, signedIn);
    expect(begun).toHaveLength(1);
    await answer;
    expect(taken).toEqual([['messages', { name: 'bob', times: 1 }]]);
    await granting(ready(greet), { name: 'bob' }, signedIn);
    expect(await refusal(granting(ready(limited), { name: 'far too long' }, signedIn))).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(taken).toHaveLength(1);
  });

  it('is waited for where it has to be asked for', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const answer = taking(() => promise)(ready(limited), { name: 'bob' }, signedIn);
    expect(begun).toEqual([]);
    resolve();
    expect(await answer).toMatchObject({ status: 201 });
  });

  it('refuses what is new, and answers what was sent before', async () => {
    const refusing = taking(refuses);
    expect(await refusal(refusing(ready(limited), { name: 'bob' }, signedIn))).toMatchObject({ code: 'RATE_LIMITED' });
    expect(
      await refusal(
        refusing(
          ready(limited, async () => undefined),
          { name: 'bob' },
          signedIn,
        ),
      ),
    ).toMatchObject({ code: 'RATE_LIMITED' });
    const stored = ready(limited, async () => ({ body: { text: 'stored' }, existing: true }));
    expect(await refusing(stored, { name: 'bob' }, signedIn)).toEqual({ status: 200, body: { text: 'stored' } });
    const conflicting = ready(limited, async () => {
      throw errors.CONFLICT();
    });
    expect(await refusal(refusing(conflicting, { name: 'bob' }, signedIn))).toMatchObject({ code: 'CONFLICT' });
    expect(begun).toEqual([]);
  });

  it('gets a token back from calls that fail or add nothing, and not from those that it refused', async () => {
    const failing = { operation: limited, run: () => Promise.reject(errors.NOT_FOUND()) };
    expect(await refusal(taking(() => undefined)(failing, { name: 'bob' }, signedIn))).toMatchObject({ code: 'NOT_FOUND' });
    expect(given).toEqual([['messages', { name: 'bob', times: 1 }]]);
    // A resend, which may come from somebody who has left.
    const again = { operation: limited, run: async () => ({ body: { text: 'hi' }, existing: true }) };
    expect(await taking(() => undefined)(again, { name: 'bob' }, signedIn)).toMatchObject({ status: 200 });
    expect(given).toHaveLength(2);
    await refusal(taking(refuses)(ready(limited), { name: 'bob' }, signedIn));
    await taking(() => undefined)(ready(limited), { name: 'bob' }, signedIn);
    expect(given).toHaveLength(2);
  });
});
