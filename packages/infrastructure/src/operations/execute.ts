import { isDeepStrictEqual } from 'node:util';
import type { Call } from '@coucou/application/kernel/call';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { errors } from '@coucou/domain/kernel/errors';
import type { z } from 'zod';
import { hostileKey } from './hostile-key.ts';
import type { ReadyOperation } from './types.ts';

export type Executed = Readonly<{ status: number; body: unknown }>;

export type ExecuteOptions = Readonly<{
  /** Checks answers against their schema: on in tests and development, where a wrong answer must not go unseen. */
  validateOutput: boolean;
}>;

export type Execute = (ready: ReadyOperation, input: unknown, call: Call) => Promise<Executed>;

/**
 * What stands around every operation, once, whatever the transport: access, schema, and the check of the answer. Throws a `ChatError`
 * for what the caller did wrong and passes on what the use-case throws.
 */
export const createExecute =
  ({ validateOutput }: ExecuteOptions): Execute =>
  async ({ operation, run }, input, call) => {
    if (operation.access === 'user' && call.actor === undefined) throw errors.UNAUTHENTICATED();
    const answer = await run(parseInput(operation.input, input), call);
    if (operation.http?.file === 'download') return { status: operation.http.status, body: answer.body };
    if (operation.output === undefined) return { status: 204, body: undefined };
    if (validateOutput) checkOutput(operation.name, operation.output, answer.body);
    const { status = 200, existing = status } = operation.http ?? {};
    return { status: answer.existing ? existing : status, body: answer.body };
  };

/** How many faults of one input are told; more help nobody and make the answer as large as the question. */
const MOST_FAULTS = 20;

function parseInput(schema: Operation['input'], input: unknown): unknown {
  const hostile = hostileKey(input);
  if (hostile !== undefined)
    throw errors.VALIDATION_FAILED([{ path: hostile, rule: 'unrecognized_keys', message: 'This key is not allowed.' }]);
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw errors.VALIDATION_FAILED(result.error.issues.slice(0, MOST_FAULTS).map(fault));
}

const fault = (issue: z.core.$ZodIssue) => ({
  path: issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
  rule: issue.code,
  message: issue.message,
  ...(issue.code === 'unrecognized_keys' ? { keys: issue.keys.slice(0, MOST_FAULTS) } : {}),
});

/** Answers are open objects, so that clients bear new fields; a field that the contract does not name is a leak all the same. */
function checkOutput(name: string, schema: z.ZodType, body: unknown): void {
  const wire: unknown = body === undefined ? undefined : JSON.parse(JSON.stringify(body));
  if (!isDeepStrictEqual(schema.parse(wire), wire)) throw new Error(`${name} answers fields that its contract does not name.`);
}
