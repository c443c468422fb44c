import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StripeEvent } from './stripe-event.ts';
import { type Content, type SubscriptionStatus, Subscription } from './subscription.ts';
import { takeEvent } from './take-event.ts';

/** A subscription as Stripe has it, and what it tells of it: every change has an event, whose time has whole seconds. */
const ID = 'sub_1';
const about = { customerId: 'cus_1', subscriptionId: ID, account: undefined };
const at = (second: number): Date => new Date((1_767_000_000 + second) * 1_000);

type Step = Readonly<{ after: number; does: 'renew' | 'fail' | 'pay' | 'seats' | 'plan' | 'checkout' | 'cancel' }>;
type History = Readonly<{
  events: readonly StripeEvent[];
  /** What Stripe has as soon as this many events came about. */
  states: readonly Content[];
  /** What a reader of all events in their order knows at last. */
  truth: Readonly<{ content: Content; invoice: Subscription['invoice'] }>;
}>;

function historyOf(steps: readonly Step[]): History {
  let second = 0;
  let invoices = 0;
  let open: string | undefined;
  let content: Content = {
    status: 'incomplete',
    items: [{ priceId: 'price_a', quantity: 1 }],
    createdAt: at(0),
    periodStart: at(0),
    periodEnd: at(86_400),
    cancelAtPeriodEnd: false,
  };
  let invoice: Subscription['invoice'];
  const events: StripeEvent[] = [];
  const states: Content[] = [];
  const tell = (type: string, said: StripeEvent['said']) => {
    events.push({ id: `evt_${events.length}`, type, at: at(second), said });
    states.push(content);
  };
  const change = (next: Partial<Content>, origin: 'created' | 'changed' | 'deleted' = 'changed') => {
    content = { ...content, ...next };
    tell('customer.subscription', { ...about, is: 'subscription', content, origin });
  };
  const bill = (isPaid: boolean) => {
    const isNew = open === undefined;
    if (isNew) invoices += 1;
    const id = `in_${String(invoices).padStart(4, '0')}`;
    // The invoices of a subscription are made one after the other.
    const createdAt = isNew || invoice === undefined ? at(second) : invoice.createdAt;
    open = isPaid ? undefined : id;
    const failedAt = isPaid ? undefined : at(second);
    invoice = { id, createdAt, isPaid, failedAt: isNew ? failedAt : (invoice?.failedAt ?? failedAt) };
    tell('invoice', { ...about, is: 'invoice', invoice: { id, createdAt, isPaid, failedAt } });
  };
  change({}, 'created');
  for (const { after, does } of steps) {
    second += after;
    if (content.status === 'canceled') break;
    const status: SubscriptionStatus = does === 'fail' ? 'past_due' : 'active';
    switch (does) {
      case 'renew':
        change({ periodStart: content.periodEnd, periodEnd: at((content.periodEnd?.getTime() ?? 0) / 1_000 - 1_767_000_000 + 86_400) });
        break;
      case 'fail':
      case 'pay':
        bill(does === 'pay');
        change({ status });
        break;
      case 'seats':
        change({ items: content.items.map(({ priceId, quantity }) => ({ priceId, quantity: quantity + 1 })) });
        break;
      case 'plan':
        change({
          items: content.items.map(({ priceId, quantity }) => ({ priceId: priceId === 'price_a' ? 'price_b' : 'price_a', quantity })),
        });
        break;
      case 'checkout':
        tell('checkout', { ...about, is: 'checkout' });
        break;
      case 'cancel':
        change({ status: 'canceled' }, 'deleted');
    }
  }
  return { events, states, truth: { content, invoice } };
}

/** Takes events as they come; `ask` answers what Stripe has then, where a key is configured. */
function taken(events: readonly StripeEvent[], ask?: (seen: number) => Content): Subscription {
  const had = new Set<string>();
  let seen = 0;
  return events.reduce((known, event) => {
    if (had.has(event.id)) return known;
    had.add(event.id);
    seen = Math.max(seen, Number(event.id.slice(4)));
    const first = takeEvent(known, event);
    return first.isUnclear && ask !== undefined ? takeEvent(known, event, { content: ask(seen) }).next : first.next;
  }, Subscription.unknown(ID));
}

const does = fc.constantFrom<Step['does'][]>('renew', 'fail', 'pay', 'seats', 'plan', 'checkout', 'pay', 'seats', 'cancel');
const steps = (least: number) => fc.array(fc.record({ after: fc.integer({ min: least, max: 3 }), does }), { maxLength: 12 });
/** By which each event is delivered one to three times, and when. */
const delays = fc.array(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 3 }), {
  minLength: 30,
  maxLength: 30,
});

const delivered = (events: readonly StripeEvent[], when: readonly (readonly number[])[]): StripeEvent[] =>
  events
    .flatMap((event, index) => (when[index % when.length] ?? [0]).map((moment) => ({ event, moment })))
    .toSorted((a, b) => a.moment - b.moment)
    .map(({ event }) => event);

const said = ({ snapshot, invoice }: Subscription) => ({ content: snapshot?.content, invoice });
const RUNS = { numRuns: 1_000 };

describe('histories of events, shuffled, duplicated and delayed', () => {
  it('end as in order, by what the events say, where no second has two changes', () => {
    fc.assert(
      fc.property(steps(1), delays, (history, when) => {
        const { events, truth } = historyOf(history);
        expect(said(taken(events))).toEqual(truth);
        expect(said(taken(delivered(events, when)))).toEqual(truth);
      }),
      RUNS,
    );
  });

  it('end as in order with changes in the same second, where Stripe is asked', () => {
    fc.assert(
      fc.property(steps(0), delays, fc.boolean(), (history, when, askedLate) => {
        const { events, states, truth } = historyOf(history);
        // Stripe has at least what the events say that came; at most what it has in the end.
        const ask = (seen: number): Content => states[askedLate ? states.length - 1 : seen] ?? truth.content;
        expect(said(taken(events, ask))).toEqual(truth);
        expect(said(taken(delivered(events, when), ask))).toEqual(truth);
      }),
      RUNS,
    );
  });

  it('end all in one state, whatever their order, where nobody can be asked', () => {
    fc.assert(
      fc.property(steps(0), delays, (history, when) => {
        const { events } = historyOf(history);
        expect(taken(delivered(events, when))).toEqual(taken(events));
      }),
      RUNS,
    );
  });
});
