import { BlockRules } from '../blocks/block-rules.ts';
import type {
  AccountId,
  ConversationId,
  FriendRequestId,
  Instant,
  MessageId,
  NotificationId,
  ScheduledMessageId,
  UserId,
} from '../kernel/ids.ts';
import { isPast } from '../kernel/time.ts';

type OwnKind = 'mention' | 'reply' | 'added' | 'friendRequested' | 'friendAccepted' | 'scheduledFailed';
/** A kind of another feature, which names it in its `notificationKinds`. */
export type AddedKind = string & { readonly $kind: 'notificationKind' };
export type NotificationKind = OwnKind | AddedKind;

export const notificationKind = (name: string): AddedKind => name as AddedKind;

/** Names what it tells of and holds nothing of it: who may still see that reads it there. */
export type Notification = Readonly<{
  accountId: AccountId;
  id: NotificationId;
  userId: UserId;
  kind: NotificationKind;
  /** Who brought it about: of a scheduled message its author, who is notified. */
  actorId: UserId;
  conversationId: ConversationId | undefined;
  messageId: MessageId | undefined;
  seq: number | undefined;
  friendRequestId: FriendRequestId | undefined;
  scheduledMessageId: ScheduledMessageId | undefined;
  createdAt: Instant;
  readAt: Instant | undefined;
}>;

/** `once`: idempotency key; a user is notified once, however often the subscriber runs. */
export type NewNotification = Readonly<{ notification: Notification; once: string }>;

/** A present member concerned by a message, with their notification settings. */
export type Concerned = Readonly<{
  userId: UserId;
  /** The first that holds: mentioned by name, or with everyone, or the author of the message replied to. */
  why: 'mention' | 'everyone' | 'reply';
  notify: 'all' | 'mentions' | 'none';
  mutedUntil: Instant | undefined;
  /** Of the person's preferences. */
  mentionsOnly: boolean;
  /** Between the two, in either direction. */
  blocked: boolean;
}>;

/** The notification that a message makes for this person, if it makes one. */
function ofMessage({ why, notify, mutedUntil, mentionsOnly, blocked }: Concerned, now: Instant): NotificationKind | undefined {
  if (!BlockRules.allowsMutually('notification', blocked) || notify === 'none') return undefined;
  if (mutedUntil !== undefined && !isPast(mutedUntil, now)) return undefined;
  if (why !== 'reply') return 'mention';
  return notify === 'mentions' || mentionsOnly ? undefined : 'reply';
}

export const Notification = { ofMessage };
