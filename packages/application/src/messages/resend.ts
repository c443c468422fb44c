import { ChatError } from '@coucou/domain/kernel/errors';
import { type Message, messageErrors } from '@coucou/domain/messages/message';
import type { AppendRequest, MessageLog, SendKey } from '../ports/message-log.ts';

/** `duplicate`: stored by an earlier send. */
export type Posted = Readonly<{ message: Message; duplicate: boolean }>;

/**
 * The message that an earlier send under this key stored, as it is now and as its sender may see it; undefined when none did. Throws
 * `CLIENT_MESSAGE_ID_CONFLICT` when the key was used for another input.
 */
export async function findSent(log: MessageLog, key: SendKey, asSent: AppendRequest['asSent']): Promise<Posted | undefined> {
  const sent = await log.findSent(key, asSent);
  if (sent?.status === 'conflict') throw messageErrors.CLIENT_MESSAGE_ID_CONFLICT();
  return sent && { message: sent.message, duplicate: true };
}

/**
 * Answers a refused send with the message that an earlier one stored: a resend succeeds even if the membership, the
 * limits or the hooks would refuse it now. Rethrows the refusal when nothing was stored. An accepted send needs no such look-up: the append
 * itself finds duplicates.
 */
export async function resend(log: MessageLog, key: SendKey, asSent: AppendRequest['asSent'], refusal: unknown): Promise<Posted> {
  if (!isRefusal(refusal)) throw refusal;
  const sent = await findSent(log, key, asSent);
  if (sent === undefined) throw refusal;
  return sent;
}

/** The messages of one request, each stored by an earlier send; undefined unless all of them were. */
export async function findAllSent(
  log: MessageLog,
  keys: readonly SendKey[],
  asSent: AppendRequest['asSent'],
): Promise<readonly Message[] | undefined> {
  const sent = await Promise.all(keys.map((key) => log.findSent(key, asSent)));
  const messages = sent.flatMap((found) => (found?.status === 'duplicate' ? [found.message] : []));
  return messages.length < keys.length ? undefined : messages;
}

/** The same for the sends of one request: complete, or the refusal. */
export async function resendAll(
  log: MessageLog,
  keys: readonly SendKey[],
  asSent: AppendRequest['asSent'],
  refusal: unknown,
): Promise<readonly Message[]> {
  if (!isRefusal(refusal)) throw refusal;
  const messages = await findAllSent(log, keys, asSent);
  if (messages === undefined) throw refusal;
  return messages;
}

/** Answers of the append itself: it looked for an earlier send before it gave them. */
const APPENDED: readonly string[] = [messageErrors.CLIENT_MESSAGE_ID_CONFLICT.code, messageErrors.SLOW_MODE.code];

/** A refusal of the message, as opposed to a failure of the server. Of what checks messages elsewhere the database knows nothing: it can be asked. */
const isRefusal = (error: unknown): error is ChatError =>
  error instanceof ChatError &&
  (error.code === messageErrors.HOOK_UNAVAILABLE.code || (error.kind !== 'unavailable' && error.kind !== 'internal')) &&
  !APPENDED.includes(error.code);
