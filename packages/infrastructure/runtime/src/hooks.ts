import type { UserCall } from '@coucou/application/kernel/call';
import type { HookPoint } from '@coucou/application/kernel/hook';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { Hooks } from '@coucou/application/ports/hooks';
import { ChatError, errors } from '@coucou/domain/kernel/errors';

/** A hook that has its ports. */
export type ReadyHook = Readonly<{
  name: string;
  at: string;
  budgetMs?: number;
  onFailure?: 'pass' | 'refuse';
  order?: 'first';
  run: (value: unknown, call: UserCall) => Promise<unknown>;
}>;

type Log = Readonly<{ warn: (details: object, message: string) => void }>;

const BUDGET_MS = 1_000;

const rank = ({ order }: ReadyHook): number => (order === 'first' ? 0 : 1);

/**
 * Runs the hooks of each point in their order, those that come first before the others, each inside a fence: it has its time budget, and one that breaks or takes longer is
 * logged and skipped, or refuses the write where its feature says so. A point without hooks costs nothing.
 */
export function createHooks(hooks: readonly ReadyHook[], log: Log): Hooks {
  const byPoint = Map.groupBy(
    hooks.toSorted((a, b) => rank(a) - rank(b)),
    ({ at }) => at,
  );
  return {
    async run<Value>(point: HookPoint<Value>, value: Value, call: UserCall, check?: (value: Value) => Value): Promise<Value> {
      let current = value;
      for (const hook of byPoint.get(point.name) ?? []) {
        const checked = check === undefined ? hook : { ...hook, run: judged(hook.run, check as (value: unknown) => unknown) };
        current = ((await fenced(checked, current, call, log)) as Value | null | undefined) ?? current;
      }
      return current;
    },
    notify(point, value, call) {
      for (const hook of byPoint.get(point.name) ?? [])
        void fenced({ ...hook, run: async (...told) => void (await hook.run(...told)) }, copyOf(value), call, log).catch((error: unknown) =>
          log.warn({ hook: hook.name, error: loggableError(error) }, 'a hook failed'),
        );
    },
  };
}

/** What a hook made of a copy, if that holds what `check` asks of it. */
const judged =
  (run: ReadyHook['run'], check: (value: unknown) => unknown): ReadyHook['run'] =>
  async (value, call) => {
    const answer = await run(copyOf(value), call);
    requireSameKind(answer, value);
    return answer == null ? undefined : check(answer);
  };

/** A copy, so that hooks cannot change the caller's answer. What cannot be cloned, such as a file stream, is shared. */
function copyOf<Value>(value: Value): Value {
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}

const isObject = (value: unknown): boolean => typeof value === 'object' && !Array.isArray(value);

/** Nothing, or a value of the same kind: a hook that answers anything else is broken. */
function requireSameKind(answer: unknown, value: unknown): void {
  if (answer == null || (typeof answer === typeof value && isObject(answer) === isObject(value))) return;
  throw new TypeError(`the hook answers ${Array.isArray(answer) ? 'an array' : `a value of type ${typeof answer}`}`);
}

const late = Symbol('late');

async function fenced({ name, at, budgetMs = BUDGET_MS, onFailure = 'pass', run }: ReadyHook, value: unknown, call: UserCall, log: Log) {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), budgetMs);
  });
  try {
    const answer = await Promise.race([run(value, call), limit]);
    if (answer !== late) {
      requireSameKind(answer, value);
      return answer;
    }
    log.warn({ hook: name, at, budgetMs, requestId: call.requestId }, 'a hook exceeded its time budget');
  } catch (error) {
    if (error instanceof ChatError && error.kind !== 'internal') throw error;
    log.warn({ hook: name, at, requestId: call.requestId, error: loggableError(error) }, 'a hook failed');
  } finally {
    clearTimeout(timer);
  }
  if (onFailure === 'refuse') throw errors.SERVICE_UNAVAILABLE();
  return undefined;
}
