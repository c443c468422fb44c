import type { AdminCall, Call, UserCall } from './call.ts';
import type { Deps, Ports } from './token.ts';

/** What the product does: one function, with the ports it needs declared as data. */
export interface UseCase<Input, Output, D extends Deps = Deps, C extends Call = UserCall> {
  readonly name: string;
  readonly deps: D;
  readonly run: (ports: Ports<D>, input: Input, call: C) => Promise<Output>;
  /**
   * What an earlier call with this input, as it was sent, was answered; undefined when there was none. Asked where hooks stand before the
   * operation: a resend is answered without them. `run` finds resends by itself, and compares by `call.sent`.
   */
  readonly resent?: (ports: Ports<D>, input: Input, call: C) => Promise<Output | undefined>;
}

/** For signed-in users: `call.actor` is present. */
export const useCase = <const D extends Deps, Input, Output>(
  definition: UseCase<Input, Output, D, UserCall>,
): UseCase<Input, Output, D, UserCall> => definition;

/** For who administers: `call.authority` is present, and `call.actor` where that is a person. */
export const adminUseCase = <const D extends Deps, Input, Output>(
  definition: UseCase<Input, Output, D, AdminCall>,
): UseCase<Input, Output, D, AdminCall> => definition;

/** Without signing in. */
export const publicUseCase = <const D extends Deps, Input, Output>(
  definition: UseCase<Input, Output, D, Call>,
): UseCase<Input, Output, D, Call> => definition;
