import { errors } from '../kernel/errors.ts';
import { jsonBytes, tooManyBytes } from '../kernel/json-bytes.ts';
import { limits } from '../kernel/limits.ts';
import type { Message, MessageContent } from './message.ts';

/** What an operator allows below the ceilings of the schemas. */
export type MessageSizes = Readonly<{
  /** Unicode code points of a text. */
  mostText: number;
  mostAttachments: number;
  /** Bytes of custom data as JSON. */
  mostData: number;
  /** Kinds of reaction on one message. */
  mostReactions: number;
}>;

/** Throws `VALIDATION_FAILED` as the schema does above its ceiling. */
export function requireTextSize(text: string | undefined, most: number, field = 'content'): void {
  // No text has more code points than UTF-16 units, so that an ordinary one is not counted.
  if (text === undefined || text.length <= most || [...text].length <= most) return;
  throw errors.VALIDATION_FAILED([{ path: [field], rule: 'custom', message: `must have 1 to ${most} characters` }]);
}

/** What is forwarded was allowed when it was written. */
export function requireMessageSize(
  { content, data, attachments, forwarded }: Pick<MessageContent, 'content' | 'data' | 'attachments' | 'forwarded'>,
  { mostText, mostData, mostAttachments }: MessageSizes,
): void {
  if (forwarded) return;
  requireTextSize(content, mostText);
  // Up to the ceiling the schema has measured it.
  if (data !== undefined && mostData < limits.customData && jsonBytes(data) > mostData)
    throw errors.VALIDATION_FAILED([{ path: ['data'], rule: 'custom', message: tooManyBytes(mostData) }]);
  if (attachments.length > mostAttachments)
    throw errors.VALIDATION_FAILED([
      { path: ['attachmentIds'], rule: 'too_big', message: `must not have more than ${mostAttachments} items` },
    ]);
}

/** A text that stays as it was, while only its mentions change, was allowed when it was written. */
export function requireEditSize(message: Message, content: string, { mostText }: MessageSizes): void {
  if (content !== message.content) requireTextSize(content, mostText);
}
