import { errors } from '@coucou/domain/kernel/errors';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { isSame } from '@coucou/domain/kernel/same';
import type { AccountRole } from '@coucou/domain/users/user';
import type { CursorHolder, Cursors } from '../ports/cursors.ts';
import { authorize } from './authorize.ts';
import type { Access, Call } from './call.ts';
import { hostileKey } from './hostile-key.ts';
import type { Answer, Validate } from './operation.ts';
import type { LimitPolicy, OperationLimits } from './operation-limits.ts';

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
  access: Access;
  scope?: string;
  whileUnproven?: true;
  limit?: LimitPolicy;
  idempotencyKey?: 'record' | 'clientMessageId';
  http?: Readonly<{ status: number; existing?: number; file?: 'upload' | 'download' | 'archive' | 'ndjson' | 'lines'; redirect?: true }>;
  input: Schema;
  output?: Schema;
}>;

/** An operation whose use-case has its ports: ready to be called by any transport. */
export type ReadyOperation<Op extends ExecutableOperation = ExecutableOperation> = Readonly<{
  operation: Op;
  run: (input: unknown, call: Call) => Promise<Answer>;
  /** The answer to a resend, which is due even where the call itself is refused. */
  resent?: ((input: unknown, call: Call) => Promise<Answer | undefined>) | undefined;
  /** Present where answers are cached. */
  validate?: Validate | undefined;
}>;

/**
 * `replayed`: an earlier call with this idempotency key was answered so. `tagged`: the body as JSON text, with its entity tag; without a text
 * the caller holds it (status 304). `body` is parsed from it when it is asked for.
 */
export type Executed = Readonly<{ status: number; body: unknown; replayed?: true; tagged?: Readonly<{ etag: string; text?: string }> }>;

/** Runs an operation with this input. */
export type Perform = (input: unknown, call: Call) => Promise<Executed>;
export type WithKey = Call & Readonly<{ idempotencyKey: string }>;

/** Runs a call of an operation that takes an idempotency key, with one (`createKeyed`). `input` is checked, `perform` runs it. */
export type RunKeyed = (operation: ExecutableOperation, input: unknown, call: WithKey, perform: Perform) => Promise<Executed>;

/** Answers from a cache, or by `perform` (`createCachedAnswers`). `input` is checked, and its cursors are opened. */
export type AnswerCached = (
  ready: ReadyOperation & Readonly<{ validate: Validate }>,
  input: unknown,
  call: Call,
  perform: (call: Call) => Promise<Executed>,
) => Promise<Executed>;

export type ExecuteOptions = Readonly<{
  validateOutput: boolean;
  cursors: Cursors;
  /** The role of somebody who administers, read for each call; undefined for who is suspended or not there. */
  roleOf: (account: AccountId, userId: UserId) => Promise<AccountRole | undefined>;
  /** Absent: nothing is limited. */
  limits?: OperationLimits;
  /** Runs calls with an idempotency key; without it none is looked at. */
  keyed?: RunKeyed;
  /** Without it nothing is cached. */
  cached?: AnswerCached;
}>;

export type Execute = (ready: ReadyOperation, input: unknown, call: Call) => Promise<Executed>;

/**
 * The fields that hold a cursor in what an operation takes and answers, at the top level and nowhere else: a feature with a cursor of
 * another name, or in another place, does not start (`cursorFaults` of the server).
 */
export const cursorFields = { input: ['cursor', 'headsCursor'], output: ['nextCursor', 'headsCursor'] } as const;

/**
 * The chain around every operation on every transport: access, input schema, cursors opened, limit, use-case, cursors sealed, output check. Throws
 * a `ChatError` for what the caller did wrong and passes on what the use-case throws.
 */
export const createExecute =
  ({ validateOutput, cursors, roleOf, limits, keyed, cached }: ExecuteOptions): Execute =>
  async (ready, input, received) => {
    const { operation } = ready;
    const { account, actor } = received;
    // Others wait for nothing: a call of a signed-in person reaches its use-case in the turn in which it came.
    const role = operation.access === 'admin' && actor !== undefined ? await roleOf(account, actor.userId) : undefined;
    const authority = authorize(operation, received, role);
    const call = authority === undefined ? received : { ...received, authority };
    const holder = (): CursorHolder => ({ account: call.account, person: call.actor?.userId, operation: operation.name });
    const parsed = parseInput(operation.input, input);
    const opened = (asked: unknown) => exchange(asked, cursorFields.input, (cursor) => cursors.open(cursor, holder()));
    const sealed = (body: unknown) => exchange(body, cursorFields.output, (place) => cursors.seal(place, holder()));
    const perform = async (asked: unknown, as: Call) => executedAs(operation, await runLimited(ready, asked, as, limits), sealed);
    const { idempotencyKey } = call;
    const { validate } = ready;
    // A write is no business of a cache, and in a call that may be repeated nothing that is read is committed yet.
    const executed = await (keyed !== undefined && idempotencyKey !== undefined && operation.idempotencyKey !== undefined
      ? keyed(operation, parsed, { ...call, idempotencyKey }, (asked, as) => perform(opened(asked), as))
      : cached !== undefined && validate !== undefined
        ? cached({ ...ready, validate }, opened(parsed), call, (as) => perform(opened(parsed), as))
        : perform(opened(parsed), call));
    if (validateOutput && operation.output !== undefined && answersJson(operation) && executed.status !== NOT_MODIFIED)
      checkOutput(operation.name, operation.output, executed.body);
    return executed;
  };

/** A granted call begins in the same turn. What was sent before is answered as such whatever the limits say: a client that is refused resends, and loses nothing. */
async function runLimited(ready: ReadyOperation, input: unknown, call: Call, limits: OperationLimits | undefined): Promise<Answer> {
  const { operation, run, resent } = ready;
  if (operation.limit === undefined || limits === undefined) return run(input, call);
  try {
    const waiting = limits.take(operation.limit, input, call);
    if (waiting !== undefined) await waiting;
  } catch (refusal) {
    const earlier = await resent?.(input, call);
    if (earlier === undefined) throw refusal;
    return earlier;
  }
  let isNew = false;
  try {
    const answer = await run(input, call);
    isNew = !answer.existing;
    return answer;
  } finally {
    if (!isNew) limits.giveBack(operation.limit, input, call);
  }
}

export const NOT_MODIFIED = 304;

const answersJson = ({ http: { file, redirect } = { status: 200 } }: ExecutableOperation): boolean =>
  (file === undefined || file === 'upload') && redirect !== true;

/** What a transport answers. */
function executedAs(operation: ExecutableOperation, answer: Answer, sealed: (body: unknown) => unknown): Executed {
  const { status = 200, existing = status } = operation.http ?? {};
  if (!answersJson(operation)) return { status, body: answer.body };
  if (operation.output === undefined) return { status: 204, body: undefined };
  return { status: answer.existing ? existing : status, body: sealed(answer.body) };
}

/** The same with those of the fields changed that hold text. */
function exchange(value: unknown, names: readonly string[], change: (text: string) => string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  let changed = value as Readonly<Record<string, unknown>>;
  for (const name of names) {
    const held = changed[name];
    if (typeof held === 'string') changed = { ...changed, [name]: change(held) };
  }
  return changed;
}

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
