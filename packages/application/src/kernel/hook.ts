import type { UserCall } from './call.ts';
import type { Deps, Ports } from './token.ts';

/** A named point before something is written, where features may step in. `Value` is what is about to be written. */
export type HookPoint<Value> = Readonly<{ name: string /** Carries the type only. */; _value?: Value }>;

export const hookPoint = <Value>(name: string): HookPoint<Value> => ({ name });

/** Around an operation: its input before its use-case, or its input and answer after it. */
type OperationOf<Input> = Readonly<{ name: string; input: Readonly<{ _zod: { readonly output: Input } }> }>;

/** Before an operation's use-case: the checked input, which a hook may change or refuse. The caller's access is not decided yet. */
export const before = <Input>(operation: OperationOf<Input>): HookPoint<Input> => hookPoint(`before ${operation.name}`);

/** After an operation succeeded. Nothing waits for these hooks, and a crash loses them: what must happen is a subscriber's work. */
export const after = <Input>(operation: OperationOf<Input>): HookPoint<Readonly<{ input: Input; answer: unknown }>> =>
  hookPoint(`after ${operation.name}`);

export interface Hook {
  readonly name: string;
  readonly at: string;
  readonly deps: Deps;
  /** Milliseconds that a run may take; 1,000. */
  readonly budgetMs?: number;
  /**
   * What a hook that breaks or takes too long means for the write: it goes on without the hook (`pass`, the default) or is refused as
   * `SERVICE_UNAVAILABLE` (`refuse`). A `ChatError` that a hook throws always refuses.
   */
  readonly onFailure?: 'pass' | 'refuse';
  readonly run: (ports: Ports<Deps>, value: unknown, call: UserCall) => Promise<unknown>;
}

/** A hook answers the value to go on with; after a write, the answer is ignored. */
export const hook = <const D extends Deps, Value>(definition: {
  name: string;
  at: HookPoint<Value>;
  deps: D;
  budgetMs?: number;
  onFailure?: 'pass' | 'refuse';
  run: (ports: Ports<D>, value: Value, call: UserCall) => Promise<Value | void>;
}): Hook => ({ ...definition, at: definition.at.name }) as unknown as Hook;
