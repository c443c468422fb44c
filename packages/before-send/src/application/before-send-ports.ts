import { token } from '@coucou/application/kernel/token';
import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import type { BeforeSendHook } from '../domain/before-send-hook.ts';
import type { BreakerState } from '../domain/breaker.ts';
import type { Finding, Unasked } from '../domain/verdict.ts';

/** The hook of the unit of work's account. */
export interface HookRepository {
  lookup(): Promise<BeforeSendHook | undefined>;
  /** Locked until the unit of work ends. */
  lock(): Promise<BeforeSendHook | undefined>;
  /** False where the account has one. */
  add(hook: BeforeSendHook): Promise<boolean>;
  update(hook: BeforeSendHook): Promise<void>;
  remove(): Promise<void>;
}
export const Hooks = token<HookRepository>('BeforeSendHooks');

/** What this process knows of accounts that have a hook. */
export interface HookDirectory {
  /** The hook that is asked; undefined where there is none, or none that is enabled. Up to five seconds old, where another node changed it. */
  of(account: AccountId): Promise<BeforeSendHook | undefined>;
  /** It may have changed: asks anew for a while, since the change may not be committed yet. */
  forget(account: AccountId): void;
}
export const HookDirectory = token<HookDirectory>('BeforeSendHookDirectory');

/** How a hook does, as this process sees it. */
export type HookHealth = Readonly<{
  state: BreakerState;
  /** Since the last answer. */
  failures: number;
  /** When it is asked again, while nobody is. */
  retryAt: Instant | undefined;
  lastFailure: (Finding & Readonly<{ at: Instant }>) | undefined;
  lastAnswerAt: Instant | undefined;
}>;

/** A call that may be made, and has to be ended. */
export type Entry = Readonly<{
  /** It finds out whether the hook is back. */
  probes: boolean;
  /** `finding`: why there was no usable answer. Answers what the breaker did. */
  leave(finding: Finding | undefined, now: Instant, chance: () => number): 'opened' | 'closed' | undefined;
}>;

/** Which calls this process makes: the circuit breaker of each hook, and the number of calls that are under way. */
export interface CallGate {
  /** A call about a message, or why none is made. */
  enter(hook: BeforeSendHook, now: Instant): Entry | Unasked;
  /** A place for a call that says nothing of the hook's health, until what is answered is called; undefined when all are taken. */
  place(account: AccountId): (() => void) | undefined;
  health(hook: BeforeSendHook, now: Instant): HookHealth;
}
export const CallGate = token<CallGate>('BeforeSendCallGate');
