/**
 * Ids are UUIDv7 strings (RFC 9562), branded so that one kind cannot be passed for another. The brand is structural: the
 * contracts write the same type without depending on this file.
 */
export type Id<Kind extends string> = string & { readonly $kind: Kind };

export type AccountId = Id<'account'>;
export type UserId = Id<'user'>;
export type SessionId = Id<'session'>;
export type ConversationId = Id<'conversation'>;
export type MessageId = Id<'message'>;
export type AttachmentId = Id<'attachment'>;
export type FriendRequestId = Id<'friendRequest'>;
export type NotificationId = Id<'notification'>;
export type ApiKeyId = Id<'apiKey'>;
export type IssuerId = Id<'issuer'>;
export type ReportId = Id<'report'>;
export type ModerationRuleId = Id<'moderationRule'>;
export type ScheduledMessageId = Id<'scheduledMessage'>;

/** Marks a string that is known to be an id of this kind: read from the database, from a verified token or a checked input. */
export const asId = <Kind extends string>(value: string): Id<Kind> => value as Id<Kind>;

/** An instant. `Date` is confined to the domain and its adapters; contracts carry RFC 3339 strings. */
export type Instant = Date;
