import type { Call } from '@coucou/application/kernel/call';
import { errors } from '@coucou/domain/kernel/errors';
import type { z } from 'zod';
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
    if (validateOutput && operation.output !== undefined) operation.output.parse(JSON.parse(JSON.stringify(answer.body)));
    const { status = 200, existing } = operation.http ?? {};
    return { status: answer.existing ? (existing ?? status) : status, body: answer.body };
  };

function parseInput(schema: z.ZodType, input: unknown): unknown {
  const hostile = hostileKey(input);
  if (hostile !== undefined)
    throw errors.VALIDATION_FAILED([{ path: hostile, rule: 'unrecognized_keys', message: 'This key is not allowed.' }]);
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw errors.VALIDATION_FAILED(
    result.error.issues.slice(0, 20).map((issue) => ({
      path: issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part)),
      rule: issue.code,
      message: issue.message,
      ...(issue.code === 'unrecognized_keys' ? { keys: issue.keys.slice(0, 20) } : {}),
    })),
  );
}

const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/** `JSON.parse` makes own `__proto__` keys that schemas pass over in silence; the path of the first one, if any. */
function hostileKey(value: unknown, path: readonly (string | number)[] = []): readonly (string | number)[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (path.length > 64) return path;
  for (const key of Object.keys(value)) {
    if (forbidden.has(key)) return [...path, key];
    const inner = (value as Record<string, unknown>)[key];
    if (typeof inner === 'object' && inner !== null) {
      const found = hostileKey(inner, [...path, key]);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

