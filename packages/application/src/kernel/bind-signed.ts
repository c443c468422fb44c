import { FileUrls, type SignFile } from '../ports/file-urls.ts';
import type { UserCall } from './call.ts';
import { type Answer, bind, type BoundOperation, type OperationLike } from './operation.ts';
import type { Deps } from './token.ts';
import type { UseCase } from './use-case.ts';

/** Binds an operation whose answer shows files: its presenter gets what signs their URLs for the caller. */
export function bindSigned<Op extends OperationLike<unknown, unknown, 'user'>, D extends Deps, Input, Output>(
  operation: Op,
  useCase: UseCase<Input, Output, D, UserCall> & (Op['input']['_zod']['output'] extends Input ? unknown : never),
  present: (sign: SignFile) => (result: Output) => Op extends { output: { _zod: { output: infer Wire } } } ? Wire : void,
  existing: (result: Output) => boolean = () => false,
): BoundOperation<Op> {
  // Unpresented: what the use-case answers is presented here, with a port beside those of the use-case.
  const { deps, build, buildResent } = bind(operation, useCase as never, (result) => result as never, existing as never);
  const signed = (answer: Answer, fileUrls: FileUrls, call: UserCall): Answer => ({
    ...answer,
    body: present(fileUrls.signerFor(call))(answer.body as Output),
  });
  const fileUrlsOf = (ports: Readonly<Record<string, unknown>>) => ports['fileUrls'] as FileUrls;
  return {
    operation,
    deps: { ...deps, fileUrls: FileUrls },
    build(ports) {
      const run = build(ports);
      return async (input, call) => signed(await run(input, call), fileUrlsOf(ports), call as UserCall);
    },
    ...(buildResent && {
      buildResent(ports) {
        const resent = buildResent(ports);
        return async (input, call) => {
          const answer = await resent(input, call);
          return answer && signed(answer, fileUrlsOf(ports), call as UserCall);
        };
      },
    }),
  };
}
