import type { UserCall } from '../kernel/call.ts';
import type { HookPoint } from '../kernel/hook.ts';
import { token } from '../kernel/token.ts';

/** Runs the hooks of all features at a point, those that come first before the others, otherwise in the order of the features; each gets what the one before it made. */
export interface Hooks {
  /** `check` judges what each hook answers: what it throws is the hook's failure. Each hook gets a copy then. */
  run<Value>(point: HookPoint<Value>, value: Value, call: UserCall, check?: (value: Value) => Value): Promise<Value>;
  /** For points after a write: each hook gets the same value, nobody waits for them, and what they throw is logged. */
  notify<Value>(point: HookPoint<Value>, value: Value, call: UserCall): void;
}
export const Hooks = token<Hooks>('Hooks');
