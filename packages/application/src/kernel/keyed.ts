import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { messageErrors } from '@coucou/domain/messages/message';
import { FileUrls } from '../ports/file-urls.ts';
import { KeyedCalls } from '../ports/keyed-calls.ts';
import { RequestDigests } from '../ports/request-digests.ts';
import type { Call, UserCall } from './call.ts';
import type { ExecutableOperation, Executed, Perform, RunKeyed, WithKey } from './execute.ts';
import { filePlaceholders } from './file-placeholders.ts';
import type { Ports } from './token.ts';

export const keyedPorts = { calls: KeyedCalls, digests: RequestDigests, fileUrls: FileUrls };
type Given = Ports<typeof keyedPorts>;

/** Printable, in any script: no control, format, private or unassigned characters, no line separators. */
const KEY = /^[^\p{C}\p{Zl}\p{Zp}]{1,255}$/u;

/** Throws `IDEMPOTENCY_KEY_INVALID`, and what `KeyedCalls.once` throws. */
export const createKeyed =
  (given: Given): RunKeyed =>
  (operation, input, call, perform) => {
    if (!KEY.test(call.idempotencyKey)) throw errors.IDEMPOTENCY_KEY_INVALID();
    const caller = callerOf(call);
    if (caller === undefined) return perform(input, call);
    const keyed = { ...call, caller };
    return operation.idempotencyKey === 'clientMessageId'
      ? asMessageId(given, operation, input, keyed, perform)
      : recorded(given, operation, input, keyed, perform);
  };

type Keyed = WithKey & Readonly<{ caller: string }>;

/** Whose key it is; undefined for the operator, who acts in no account. */
const callerOf = ({ actor, program }: Call): string | undefined => actor?.userId ?? (program?.by === 'apiKey' ? program.id : undefined);

/**
 * The key as the `clientMessageId` of messages: append's own rules make it count once, for as long as the message is there. The conversation
 * is not part of the id: ids are unique within one, and a direct one may be named by its peer the first time and by its id the next.
 */
async function asMessageId(
  { digests }: Given,
  { http }: ExecutableOperation,
  input: unknown,
  call: Keyed,
  perform: Perform,
): Promise<Executed> {
  const asked = input as Readonly<{ clientMessageId?: string }>;
  if (asked.clientMessageId !== undefined) return perform(input, call);
  const clientMessageId = digests.uuid([call.account, call.caller, call.idempotencyKey]);
  try {
    const executed = await perform({ ...asked, clientMessageId }, call);
    return executed.status === http?.existing ? { ...executed, replayed: true } : executed;
  } catch (error) {
    if (error instanceof ChatError && error.code === messageErrors.CLIENT_MESSAGE_ID_CONFLICT.code) throw errors.IDEMPOTENCY_KEY_CONFLICT();
    throw error;
  }
}

async function recorded(
  { calls, digests, fileUrls }: Given,
  { name }: ExecutableOperation,
  input: unknown,
  call: Keyed,
  perform: Perform,
): Promise<Executed> {
  const { account, caller, idempotencyKey: key } = call;
  const fingerprint = digests.fingerprint(['request', name, input]);
  const files = filePlaceholders(digests.fingerprint(['files', account, caller, key]));
  const { status, body, replayed } = await calls.once({ account, caller, key, fingerprint }, async () => {
    const executed = await perform(input, { ...call, placeholders: files.sign });
    return { status: executed.status, body: executed.body === undefined ? undefined : JSON.stringify(executed.body) };
  });
  return {
    status,
    body: body === undefined ? undefined : JSON.parse(files.fill(body, (file) => fileUrls.signerFor(call as unknown as UserCall)(file))),
    ...(replayed && { replayed }),
  };
}
