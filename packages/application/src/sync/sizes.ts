import type { Conversation } from '@coucou/domain/conversations/conversation';
import type { Message } from '@coucou/domain/messages/message';
import type { MemberView } from '../conversations/conversation-reader.ts';

/** What ids, times and the names of fields take; the rest is what people write, at a byte for each UTF-16 unit. */
const FRAME = { message: 450, member: 350, receipt: 110, conversation: 500 };

type Json = Readonly<Record<string, unknown>> | undefined;
const text = (...parts: readonly (string | undefined)[]): number => parts.reduce((all, part) => all + (part?.length ?? 0), 0);
const json = (...values: readonly Json[]): number =>
  values.reduce((all, value) => all + (value === undefined ? 0 : JSON.stringify(value).length), 0);

/** About how many bytes each is in an answer. Nothing is encoded for it but what people attach as JSON, which few do. */
export const sizeOf = {
  message: ({ content, data, parts, replyTo, mentions, reactions, attachments }: Message): number =>
    FRAME.message +
    text(content, replyTo?.content) +
    json(data, parts) +
    (replyTo === undefined ? 0 : 200) +
    mentions.length * 40 +
    reactions.length * 50 +
    attachments.length * 300,
  member: ({ user }: MemberView): number =>
    FRAME.member + text(user.username, user.displayName, user.avatarUrl, user.bio) + json(user.custom),
  receipt: FRAME.receipt,
  conversation: ({ title, description, avatarUrl, custom }: Conversation): number =>
    FRAME.conversation + text(title, description, avatarUrl) + json(custom),
};
