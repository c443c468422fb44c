import type { Access, Call, CallOf, UserCall } from './call.ts';
import type { Deps, Ports } from './token.ts';

/**
 * A named point before or after something is written, where features may step in. `Value` is what is about to be written, or was, and `C`
 * the call that its hooks are given.
 */
export type HookPoint<Value, C extends Call = UserCall> = Readonly<{
  name: string /** These carry types only. */;
  _value?: Value;
  _call?: C;
}>;

export const hookPoint = <Value, C extends Call = UserCall>(name: string): HookPoint<Value, C> => ({ name });

/** All the way down: a hook that changed its value in place and then broke, or came late, would leave half a change behind. */
type Given<Value> = Value extends object ? { readonly [Key in keyof Value]: Given<Value[Key]> } : Value;

/** Around an operation: its input before its use-case, or its input and answer after it. */
type OperationOf<Input, A extends Access> = Readonly<{ name: string; access: A; input: Readonly<{ _zod: { readonly output: Input } }> }>;

/**
 * Before an operation's use-case: a copy of the checked input, which a hook may refuse, or answer another one instead. That is checked by
 * the operation's schema again, and one that it refuses counts as the hook's failure. The caller's access is not decided yet, and nobody is
 * signed in where the operation is public. A resend that the operation knows of is answered before its hooks.
 */
export const before = <Input, A extends Access>(operation: OperationOf<Input, A>): HookPoint<Given<Input>, CallOf<A>> =>
  hookPoint(`before ${operation.name}`);

/**
 * After an operation succeeded, with a copy of what was asked and answered. Nothing waits for these hooks, and a crash loses them: what
 * must happen is a subscriber's work.
 */
export const after = <Input, A extends Access>(
  operation: OperationOf<Input, A>,
): HookPoint<Readonly<{ input: Input; answer: unknown }>, CallOf<A>> => hookPoint(`after ${operation.name}`);

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
  /** `first`: before the others of its point, so that those judge what it made. Otherwise hooks run in the order of their features. */
  readonly order?: 'first';
  readonly run: (ports: Ports<Deps>, value: unknown, call: UserCall) => Promise<unknown>;
}

/** A hook answers the value to go on with; after a write, the answer is ignored. */
export const hook = <const D extends Deps, Value, C extends Call>(definition: {
  name: string;
  at: HookPoint<Value, C>;
  deps: D;
  budgetMs?: number;
  onFailure?: 'pass' | 'refuse';
  order?: 'first';
  run: (ports: Ports<D>, value: Value, call: C) => Promise<Value | void>;
}): Hook => ({ ...definition, at: definition.at.name }) as unknown as Hook;
