import type { Instant } from '@coucou/domain/kernel/ids';

/** As Stripe names them. */
export const subscriptionStatuses = [
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'unpaid',
  'canceled',
  'paused',
] as const;
export type SubscriptionStatus = (typeof subscriptionStatuses)[number];

/** What a subscription is. */
export type Content = Readonly<{
  status: SubscriptionStatus;
  items: readonly Readonly<{ priceId: string; quantity: number }>[];
  createdAt: Instant;
  periodStart: Instant | undefined;
  periodEnd: Instant | undefined;
  cancelAtPeriodEnd: boolean;
}>;

/** How a snapshot came about. Within one second the order is that of this list. */
const origins = ['created', 'changed', 'deleted'] as const;
export type Origin = (typeof origins)[number];

/** A subscription as it was at a time; `at` has whole seconds, as events have. */
export type Snapshot = Readonly<{ content: Content; at: Instant; origin: Origin; eventId: string }>;

/** An invoice of a subscription. `failedAt`: when a payment first failed. */
export type Invoice = Readonly<{ id: string; createdAt: Instant; isPaid: boolean; failedAt: Instant | undefined }>;

/** What is known of a subscription: the latest of what came, in whatever order. An invoice may be known before the subscription. */
export type Subscription = Readonly<{ id: string; snapshot: Snapshot | undefined; invoice: Invoice | undefined }>;

/** What has ended never comes back; a customer subscribes anew. */
const ended: ReadonlySet<SubscriptionStatus> = new Set(['canceled', 'incomplete_expired']);
const isEnded = ({ content }: Snapshot): boolean => ended.has(content.status);

const textOf = (content: Content): string => JSON.stringify(content);

const compare = <Value>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);

/** By what the snapshots themselves say; 0: they do not say which is later. */
function knownOrder(a: Snapshot, b: Snapshot): number {
  return (
    compare(isEnded(a), isEnded(b)) ||
    compare(a.at.getTime(), b.at.getTime()) ||
    compare(origins.indexOf(a.origin), origins.indexOf(b.origin))
  );
}

/** A total order, so that whatever the order in which they come, one of them is the latest. */
const order = (a: Snapshot, b: Snapshot): number =>
  knownOrder(a, b) ||
  compare(a.content.periodEnd?.getTime() ?? 0, b.content.periodEnd?.getTime() ?? 0) ||
  compare(textOf(a.content), textOf(b.content)) ||
  compare(a.eventId, b.eventId);

const isUnclear = (a: Snapshot, b: Snapshot): boolean => knownOrder(a, b) === 0 && textOf(a.content) !== textOf(b.content);

/** `isUnclear`: another change of the same second is known, and which was the later one is for Stripe to say. */
function observe(known: Subscription, snapshot: Snapshot): Readonly<{ next: Subscription; isUnclear: boolean }> {
  const { snapshot: current } = known;
  if (current === undefined) return { next: { ...known, snapshot }, isUnclear: false };
  return { next: { ...known, snapshot: order(current, snapshot) < 0 ? snapshot : current }, isUnclear: isUnclear(current, snapshot) };
}

/**
 * What Stripe answered, asked since two changes of the second `at` could not be told apart. It stands for that second, since every later
 * change has an event of its own.
 */
function settle(known: Subscription, content: Content, { at, eventId }: Pick<Snapshot, 'at' | 'eventId'>): Subscription {
  const asked: Snapshot = { content, at, origin: 'changed', eventId };
  const { snapshot: current } = known;
  const isOlder = current !== undefined && (current.at > at || (isEnded(current) && !isEnded(asked)));
  return isOlder ? known : { ...known, snapshot: asked };
}

const first = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined || (b !== undefined && b < a) ? b : a;

/** The newest invoice decides; one that was paid stays paid. */
function bill(known: Subscription, invoice: Invoice): Subscription {
  const { invoice: current } = known;
  if (current === undefined) return { ...known, invoice };
  const later = compare(current.createdAt.getTime(), invoice.createdAt.getTime()) || compare(current.id, invoice.id);
  if (later !== 0) return later < 0 ? { ...known, invoice } : known;
  const both = { isPaid: current.isPaid || invoice.isPaid, failedAt: first(current.failedAt, invoice.failedAt) };
  return { ...known, invoice: { ...current, ...both } };
}

const unknown = (id: string): Subscription => ({ id, snapshot: undefined, invoice: undefined });

export const Subscription = { unknown, observe, settle, bill };
