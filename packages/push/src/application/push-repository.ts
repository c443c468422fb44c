import { token } from '@coucou/application/kernel/token';
import type { AccountId, Instant, MessageId, NotificationId, SessionId, UserId } from '@coucou/domain/kernel/ids';
import type { PushState, WaitingPush } from '../domain/push.ts';
import type { PushSubscription, SubscriptionId } from '../domain/subscription.ts';

/** The subscriptions of the unit of work's account. One whose session has ended is not there. */
export interface PushSubscriptionRepository {
  /** The newest first. */
  list(userId: UserId, now: Instant): Promise<PushSubscription[]>;
  /** Locked until the unit of work ends. */
  lock(id: SubscriptionId, now: Instant): Promise<PushSubscription | undefined>;
  /**
   * Takes the place of every other subscription of the account with this address, since a device has one person, and of those of the same session
   * beyond `most`.
   */
  add(subscription: PushSubscription, most: number): Promise<void>;
  update(subscription: PushSubscription): Promise<void>;
  remove(id: SubscriptionId): Promise<void>;
  /** Those of a session; `only`: if it is the person's, whichever their session. Answers how many there were. */
  removeOf(owner: Readonly<{ userId: UserId; sessionId: SessionId }>, only?: SubscriptionId): Promise<number>;
  /** Removes up to `most` of those whose session has ended. */
  removeDead(now: Instant, most: number): Promise<number>;
}
export const PushSubscriptions = token<PushSubscriptionRepository>('PushSubscriptions');

/** Something to tell a device of. */
export type Telling = Readonly<{
  subscriptionId: SubscriptionId;
  userId: UserId;
  topic: string;
  messageId: MessageId | undefined;
  notificationId: NotificationId | undefined;
}>;

/** What waits to be pushed in the unit of work's account. */
export interface PushQueue {
  /**
   * The devices of those whom these messages concern and who get no notification of them, each conversation's newest message alone: members who want
   * all of it, have not muted it, and are across no block from its author.
   */
  concerned(messages: readonly MessageId[], now: Instant): Promise<Telling[]>;
  /** The devices of those whom these notifications are for. */
  notified(notifications: readonly Readonly<{ userId: UserId; notificationId: NotificationId }>[], now: Instant): Promise<Telling[]>;
  /** Each takes the place of one of the same topic, which is not put off by it. */
  add(account: AccountId, tellings: readonly (Telling & Readonly<{ dueAt: Instant }>)[], now: Instant): Promise<void>;
  /** What is due, the longest due first, as it is now. */
  due(subscription: Pick<PushSubscription, 'id' | 'userId'>, now: Instant, most: number): Promise<PushState[]>;
  /** Those that nothing took the place of since. */
  end(id: SubscriptionId, pushes: readonly WaitingPush[]): Promise<void>;
  /** Puts off all that is due. */
  defer(id: SubscriptionId, now: Instant, until: Instant): Promise<void>;
  /** When something is due next; undefined while nothing waits. */
  nextAt(id: SubscriptionId): Promise<Instant | undefined>;
  /** What the person has not read, over all their conversations that are not archived. */
  unread(userId: UserId): Promise<number>;
  /** Subscriptions with something that has been due since before then, and of whom nobody is sending to. */
  overdue(before: Instant): Promise<Pick<PushSubscription, 'id' | 'userId'>[]>;
}
export const PushQueue = token<PushQueue>('PushQueue');

/** What this process knows of accounts that have push subscriptions. */
export interface PushDirectory {
  /** Whether the account has any. A no may be up to five seconds old, where another node added the first one. */
  has(account: AccountId): Promise<boolean>;
  /** It may have come to have one: asks anew for a while. */
  forget(account: AccountId): void;
}
export const PushDirectory = token<PushDirectory>('PushDirectory');
