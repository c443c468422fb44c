import type { Page, PageRequest } from '@coucou/application/conversations/conversation-reader';
import { token } from '@coucou/application/kernel/token';
import type { AccountId, Id, Instant } from '@coucou/domain/kernel/ids';
import type { Attempt, Delivery, DeliveryId, DeliveryState } from '../domain/delivery.ts';
import type { DeliveredEvent, WebhookEvent } from '../domain/event-types.ts';
import type { Webhook, WebhookId } from '../domain/webhook.ts';

/** The webhooks of the unit of work's account; a deleted one is not there. */
export interface WebhookRepository {
  /** The newest first. */
  list(): Promise<Webhook[]>;
  lookup(id: WebhookId): Promise<Webhook | undefined>;
  /** Holds back whoever else adds one to the account, until the unit of work ends. */
  lockAll(): Promise<void>;
  /** Locked until the unit of work ends: claims and ends of its deliveries begin here. */
  lock(id: WebhookId): Promise<Webhook | undefined>;
  add(webhook: Webhook): Promise<void>;
  update(webhook: Webhook): Promise<void>;
  /** It is gone for everybody; `removeDeleted` takes its rows away. */
  remove(id: WebhookId, at: Instant): Promise<void>;
  /** Removes up to `most` deliveries of deleted webhooks, and those that have none left; answers how many rows went. */
  removeDeleted(most: number): Promise<number>;
}
export const Webhooks = token<WebhookRepository>('Webhooks');

/** What happened, to be told to every enabled webhook that subscribes to it. */
export type Occurrence = Pick<Delivery, 'id' | 'eventId' | 'conversationId' | 'version' | 'data'> & Readonly<{ event: WebhookEvent }>;

export type DeliveryFilter = Readonly<{ state?: DeliveryState | undefined; event?: DeliveredEvent | undefined }>;

/** What to send again, by when it was made. `from` is included, `to` is not. */
export type ReplayRange = Readonly<{ states: readonly DeliveryState[]; from?: Instant | undefined; to?: Instant | undefined }>;

export type ClaimRequest = Readonly<{
  webhook: Webhook;
  /** Under which the deliveries are ended. */
  claim: Id<'webhookClaim'>;
  /** Until then nobody else takes them. */
  until: Instant;
  now: Instant;
  /** How many, and how many may be under way in all. */
  most: number;
  atOnce: number;
}>;

/** The deliveries of the unit of work's account. Who claims and ends them holds the lock of the webhook. */
export interface DeliveryRepository {
  /** Adds a delivery for each webhook that subscribes; what is there already is passed over. Answers the webhooks that are concerned. */
  addForSubscribers(account: AccountId, occurrences: readonly Occurrence[], now: Instant): Promise<WebhookId[]>;
  add(delivery: Delivery): Promise<void>;
  lookup(webhookId: WebhookId, id: DeliveryId): Promise<Delivery | undefined>;
  /** The newest first. A cursor of another list throws `CURSOR_INVALID`. */
  list(webhookId: WebhookId, filter: DeliveryFilter, page: PageRequest): Promise<Page<Delivery>>;
  /** The oldest first. */
  attempts(webhookId: WebhookId, id: DeliveryId): Promise<Attempt[]>;
  /**
   * What is due, the longest due first. Where the webhook wants order, of each conversation the first one alone, and that not before every
   * earlier event of the conversation has come out of the outbox.
   */
  claim(request: ClaimRequest): Promise<Delivery[]>;
  /** When there is something to claim next; undefined while nothing waits. */
  nextAt(webhook: Webhook, atOnce: number, now: Instant): Promise<Instant | undefined>;
  /** Writes how an attempt ended. False when the claim is another's by now: then nothing is written. */
  end(delivery: Delivery, attempt: Attempt, claim: Id<'webhookClaim'>): Promise<boolean>;
  /** Makes all that waits due. */
  hasten(webhookId: WebhookId, now: Instant): Promise<void>;
  /** Sends again what has ended, the oldest first; answers how many, and when the last of them was made. */
  replay(
    webhookId: WebhookId,
    range: ReplayRange,
    now: Instant,
    most: number,
  ): Promise<Readonly<{ replayed: number; last: Instant | undefined }>>;
  replayOne(webhookId: WebhookId, id: DeliveryId, now: Instant): Promise<Delivery | undefined>;
  /** Enabled webhooks with something that has been due since before then, and is not under way. */
  overdue(before: Instant): Promise<WebhookId[]>;
  /** Removes those that were made before; answers how many. */
  trim(before: Instant, most: number): Promise<number>;
}
export const Deliveries = token<DeliveryRepository>('WebhookDeliveries');

/** What this process knows of accounts that have webhooks. */
export interface WebhookDirectory {
  /** Whether the account has one that is enabled. A no may be up to five seconds old, where another node enabled the first one. */
  has(account: AccountId): Promise<boolean>;
  /** It may have come to have one: asks anew for a while, since the change may not be committed yet. */
  forget(account: AccountId): void;
}
export const WebhookDirectory = token<WebhookDirectory>('WebhookDirectory');

export type WebhookSettings = Readonly<{
  timeoutSeconds: number;
  /** Delays after each failure, in seconds. */
  retries: readonly number[];
  retentionDays: number;
}>;
export const WebhookSettings = token<WebhookSettings>('WebhookSettings');
