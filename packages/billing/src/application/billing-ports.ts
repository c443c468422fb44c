import { token } from '@coucou/application/kernel/token';
import type { AccountId, Instant, UserId } from '@coucou/domain/kernel/ids';
import type { PlanRules, Standing } from '../domain/entitlement.ts';
import type { Month } from '../domain/month.ts';
import type { Limits } from '../domain/plan.ts';
import type { StripeEvent } from '../domain/stripe-event.ts';
import type { Content, Subscription } from '../domain/subscription.ts';

/** What the server knows of an account as a customer. `version` counts its changes. */
export type BillingAccount = Readonly<{
  accountId: AccountId;
  customerId: string | undefined;
  /** The plan that the operator gave it. */
  granted: string | undefined;
  /** What it had a right to when that was last written down. */
  plan: string | undefined;
  standing: Standing;
  version: number;
}>;

/** The billing of the unit of work's account. */
export interface BillingRepository {
  lookup(): Promise<BillingAccount | undefined>;
  /** Locked until the unit of work ends: everything that changes the account's billing begins here. */
  lock(): Promise<BillingAccount | undefined>;
  /** The same, made where there is none yet. */
  open(accountId: AccountId): Promise<BillingAccount>;
  /** Writes the customer and the plan that was granted. */
  put(account: Pick<BillingAccount, 'customerId' | 'granted'>): Promise<void>;
  /** Writes down what it has a right to, for what the database itself keeps: seats and storage. */
  putEntitlement(entitled: Readonly<{ plan: string | undefined; standing: Standing; limits: Limits }>): Promise<void>;
  /** Those of the customer that the account is now. */
  subscriptions(): Promise<Subscription[]>;
  subscription(id: string): Promise<Subscription | undefined>;
  putSubscription(of: Readonly<{ accountId: AccountId; customerId: string }>, subscription: Subscription): Promise<void>;
  hasEvent(id: string): Promise<boolean>;
  /** One that was taken in; the account has another version then. */
  addEvent(accountId: AccountId, event: Readonly<{ id: string; type: string; at: Instant }>): Promise<void>;
  /** Removes events that came before; answers how many. */
  trimEvents(before: Instant): Promise<number>;
}
export const Billing = token<BillingRepository>('Billing');

/** A span of time, its end not included. */
export type Span = Readonly<{ from: Instant; until: Instant }>;

/** What was counted of a month, up to a time. */
export type Meter = Readonly<{ month: Month; countedUntil: Instant; messages: number; monthlyActive: number }>;

/** Usage of the unit of work's account: what is there is counted, and what was counted is kept, since what it counted may go. */
export interface UsageRepository {
  /** From this month on, the oldest first. */
  meters(from: Month): Promise<Meter[]>;
  /** Counts a span that follows what was counted, for good. Ids of messages say when they were sent. */
  close(accountId: AccountId, month: Month, span: Span): Promise<void>;
  /** Counts what was not counted yet: messages, and people who had not written in that month before. */
  open(month: Month, span: Span): Promise<Readonly<{ messages: number; monthlyActive: number }>>;
  /** Whether the person wrote in the month. */
  isActive(month: Month, userId: UserId, span: Span): Promise<boolean>;
  /** People who are no guests and were not deleted; bytes of attachments, with those that are reserved. */
  totals(): Promise<Readonly<{ seats: number; storageBytes: number }>>;
}
export const Usage = token<UsageRepository>('BillingUsage');

/** What an account may do, as of some seconds ago, for what asks at every message. */
export type Snapshot = Readonly<{
  limits: Limits;
  messages: number;
  monthlyActive: number;
  month: Month;
  /** Whether these people wrote in the month, as far as somebody asked. */
  active: Map<UserId, boolean>;
}>;

/** The snapshots of this process. One that is a minute old is made anew beside the calls that ask, which do not wait for it. */
export interface PlanSnapshots {
  /** A promise for an account that is not known yet. `load` throws: who waits is told, and the next call tries again. */
  of(account: AccountId, now: Instant, load: () => Promise<Snapshot>): Snapshot | Promise<Snapshot>;
  forget(account: AccountId): void;
}
export const PlanSnapshots = token<PlanSnapshots>('PlanSnapshots');

export type Checkout = Readonly<{
  account: AccountId;
  customerId: string;
  priceId: string;
  quantity: number;
  successUrl: string;
  cancelUrl: string;
}>;

/** Stripe's API. Throws `SERVICE_UNAVAILABLE` when it cannot be reached or refuses, and `BILLING_NOT_CONFIGURED` without a key. */
export interface Payments {
  readonly hasKey: boolean;
  /** The event of a signed body. Throws `BILLING_SIGNATURE_INVALID`, `BILLING_EVENT_INVALID` and `BILLING_NOT_CONFIGURED`. */
  read(signed: Readonly<{ payload: string; signature: string }>, now: Instant): Promise<StripeEvent>;
  /** One customer per account, however often it is asked for. */
  createCustomer(account: AccountId): Promise<string>;
  /** The address of a page that sells a plan. */
  openCheckout(checkout: Checkout): Promise<string>;
  /** The address of a page on which the customer changes, pays and ends a subscription. */
  openPortal(customerId: string, returnUrl: string): Promise<string>;
  /** As it is now; undefined where Stripe has none. */
  subscription(id: string): Promise<Content | undefined>;
  /** Whose customer it is, by what `createCustomer` left there. */
  accountOf(customerId: string): Promise<string | undefined>;
}

export type BillingSettings = PlanRules & Readonly<{ payments: Payments }>;
export const BillingSettings = token<BillingSettings>('BillingSettings');
