import type { ChatError } from '@coucou/domain/kernel/errors';
import { FileUrls, type SignFile } from '../ports/file-urls.ts';
import type { Access, Call, CallOf, UserCall } from './call.ts';
import type { Deps, Ports } from './token.ts';
import type { UseCase } from './use-case.ts';

/** What the kernel needs to know of a contract; its schemas stay in the contracts package. */
export interface OperationLike<Input, Output, A extends Access> {
  readonly name: string;
  readonly access: A;
  readonly input: { readonly _zod: { readonly output: Input } };
  readonly output?: { readonly _zod: { readonly output: Output } } | undefined;
}

export type Answer = Readonly<{ body: unknown /** The call found its result there already. */; existing: boolean }>;

/** An operation with the use-case that does it and the presenter of its answer. */
export interface BoundOperation<Op = unknown> {
  readonly operation: Op;
  readonly deps: Deps;
  readonly build: (ports: Ports<Deps>) => (input: unknown, call: Call) => Promise<Answer>;
  /** The answer to a resend; absent where the operation knows none. */
  readonly buildResent?: (ports: Ports<Deps>) => (input: unknown, call: Call) => Promise<Answer | undefined>;
  /** Of an operation whose answers are cached (`bindCached`). */
  readonly buildValidate?: (ports: Ports<Deps>) => Validate;
}

/**
 * Reads a validator (RFC 9110, 8.8): a text that differs whenever the answer of this call may differ. It is read from the database, as the
 * caller may see it, for every call. Undefined: this call's answer is not cached, for instance since the caller may not have it.
 */
export type Validate = (input: unknown, call: Call) => Promise<string | undefined>;

type WireOf<Op> = Op extends { output: { _zod: { output: infer Wire } } } ? Wire : void;

/**
 * Binds a contract to its use-case. The compiler checks that the contract's input fits the use-case, and that the presenter's
 * answer fits the contract. `existing`: the result existed before (answered with the operation's `existing` status).
 */
export const bind = <Op extends OperationLike<unknown, unknown, Access>, D extends Deps, Input, Output>(
  operation: Op,
  useCase: UseCase<Input, Output, D, CallOf<Op['access']>> & (Op['input']['_zod']['output'] extends Input ? unknown : never),
  present: (result: Output, call: CallOf<Op['access']>) => WireOf<Op>,
  existing?: (result: Output) => boolean,
): BoundOperation<Op> => bindPresenting({}, operation, useCase, present, existing);

/** The same, with a presenter that has ports of its own; the operation gets them beside those of its use-case. */
function bindPresenting<P extends Deps, Op extends OperationLike<unknown, unknown, Access>, D extends Deps, Input, Output>(
  presenterDeps: P,
  operation: Op,
  useCase: UseCase<Input, Output, D, CallOf<Op['access']>>,
  present: (result: Output, call: CallOf<Op['access']>, ports: Ports<P>) => WireOf<Op>,
  existing: (result: Output) => boolean = () => false,
): BoundOperation<Op> {
  const { deps, run, resent } = useCase;
  const answer = (result: Output, call: CallOf<Op['access']>, ports: Ports<Deps>): Answer => ({
    body: present(result, call, ports as Ports<P>),
    existing: existing(result),
  });
  return {
    operation,
    deps: { ...deps, ...presenterDeps },
    build: (ports) => async (input, call) => {
      const acting = call as CallOf<Op['access']>;
      return answer(await run(ports as Ports<D>, input as Input, acting), acting, ports);
    },
    ...(resent && {
      buildResent: (ports) => async (input, call) => {
        const acting = call as CallOf<Op['access']>;
        const result = await resent(ports as Ports<D>, input as Input, acting);
        return result && answer(result, acting, ports);
      },
    }),
  };
}

/** Binds an operation whose answer shows files: its presenter gets what signs their URLs for the caller. */
export const bindSigned = <Op extends OperationLike<unknown, unknown, 'user'>, D extends Deps, Input, Output>(
  operation: Op,
  useCase: UseCase<Input, Output, D, CallOf<Op['access']>> & (Op['input']['_zod']['output'] extends Input ? unknown : never),
  present: (sign: SignFile) => (result: Output) => WireOf<Op>,
  existing?: (result: Output) => boolean,
): BoundOperation<Op> =>
  bindPresenting(
    { fileUrls: FileUrls },
    operation,
    useCase,
    (result, call, { fileUrls }) => present(call.placeholders ?? fileUrls.signerFor(call as UserCall))(result),
    existing,
  );

/**
 * The same operation with its answers cached; its contract is `conditional`. All that an answer shows, and whether the caller may have it, must be in its validator; but for
 * signed URLs, which are made anew.
 */
export const bindCached = <Op extends OperationLike<unknown, unknown, 'user'>, D extends Deps>(
  bound: BoundOperation<Op>,
  deps: D,
  validate: (ports: Ports<D>, input: Op['input']['_zod']['output'], call: UserCall) => Promise<string | undefined> | undefined,
): BoundOperation<Op> => ({
  ...bound,
  deps: { ...bound.deps, ...deps },
  buildValidate: (ports) => async (input, call) => validate(ports as Ports<D>, input, call as UserCall),
});

/** The redirect target; the secret to set in the browser's cookie; the cause of an error passed to the target, for the log. */
export type Redirect = Readonly<{ location: string; browser?: string; failure?: ChatError }>;

/** Binds an operation that answers a redirect, which the transport makes of what the use-case found. */
export const bindRedirect = <Op extends OperationLike<unknown, unknown, 'public'>, D extends Deps, Input>(
  operation: Op,
  useCase: UseCase<Input, Redirect, D, Call> & (Op['input']['_zod']['output'] extends Input ? unknown : never),
): BoundOperation<Op> => ({
  operation,
  deps: useCase.deps,
  build: (ports) => async (input, call) => ({ body: await useCase.run(ports as Ports<D>, input as Input, call), existing: false }),
});

/** Binds an operation that answers a file: the transport sends what the use-case found, and no presenter comes between. */
export const bindFile = <Op extends OperationLike<unknown, unknown, Access>, D extends Deps, Input, Output>(
  operation: Op,
  useCase: UseCase<Input, Output, D, CallOf<Op['access']>> & (Op['input']['_zod']['output'] extends Input ? unknown : never),
): BoundOperation<Op> => ({
  operation,
  deps: useCase.deps,
  build: (ports) => async (input, call) => ({
    body: await useCase.run(ports as Ports<D>, input as Input, call as CallOf<Op['access']>),
    existing: false,
  }),
});
