import { errors } from '@coucou/domain/kernel/errors';
import { isSame } from '@coucou/domain/kernel/same';
import type { Call } from './call.ts';
import { hostileKey } from './hostile-key.ts';
import type { Answer } from './operation.ts';

type Issue = Readonly<{ path: readonly PropertyKey[]; code: string; message: string; keys?: readonly string[] }>;
type Schema = Readonly<{
  safeParse(
    value: unknown,
  ): Readonly<{ success: true; data: unknown }> | Readonly<{ success: false; error: Readonly<{ issues: readonly unknown[] }> }>;
  parse(value: unknown): unknown;
}>;

/** What running an operation needs of its contract, whose schemas stay in the contracts package. */
export type ExecutableOperation = Readonly<{
  name: string;
  access: 'public' | 'user';
  http?: Readonly<{ status: number; existing?: number; file?: 'upload' | 'download' }>;
  input: Schema;
  output?: Schema;
}>;

/** An operation whose use-case has its ports: ready to be called by any transport. */
export type ReadyOperation<Op extends ExecutableOperation = ExecutableOperation> = Readonly<{
  operation: Op;
  run: (input: unknown, call: Call) => Promise<Answer>;
}>;

export type Executed = Readonly<{ status: number; body: unknown }>;

export type ExecuteOptions = Readonly<{
  validateOutput: boolean;
}>;

export type Execute = (ready: ReadyOperation, input: unknown, call: Call) => Promise<Executed>;

/**
 * The chain around every operation on every transport: access, input schema, use-case, output check. Throws a `ChatError`
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

/** Validation faults per answer; more would help no client and make the answer as large as the input. */
const MOST_FAULTS = 20;

function parseInput(schema: Schema, input: unknown): unknown {
  const hostile = hostileKey(input);
  if (hostile !== undefined)
    throw errors.VALIDATION_FAILED([{ path: hostile, rule: 'unrecognized_keys', message: 'This key is not allowed.' }]);
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw errors.VALIDATION_FAILED((result.error.issues as readonly Issue[]).slice(0, MOST_FAULTS).map(fault));
}

const fault = (issue: Issue) => ({
  path: issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
  rule: issue.code,
  message: issue.message,
  ...(issue.code === 'unrecognized_keys' ? { keys: issue.keys?.slice(0, MOST_FAULTS) } : {}),
});

/** Answers are open objects, so that clients accept new fields; a field that the contract does not name is a leak all the same. */
function checkOutput(name: string, schema: Schema, body: unknown): void {
  const wire: unknown = body === undefined ? undefined : JSON.parse(JSON.stringify(body));
  if (!isSame(schema.parse(wire), wire)) throw new Error(`${name} answers fields that its contract does not declare.`);
}
