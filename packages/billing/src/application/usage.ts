import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import { Month } from '../domain/month.ts';
import type { Meter, Span, UsageRepository } from './billing-ports.ts';

/** What was used in a month. */
export type MonthUsage = Readonly<{ month: Month; messages: number; monthlyActive: number }>;

type Tx = Readonly<{ usage: UsageRepository }>;

/** What of a month was not counted yet; none once all of it was. */
export function uncounted(month: Month, meter: Meter | undefined): Span | undefined {
  const span = { from: meter?.countedUntil ?? Month.start(month), until: Month.end(month) };
  return span.from < span.until ? span : undefined;
}

/** What was counted, with what came since. */
export async function usageOf({ usage }: Tx, month: Month, meter: Meter | undefined): Promise<MonthUsage> {
  const rest = uncounted(month, meter);
  const open = rest === undefined ? { messages: 0, monthlyActive: 0 } : await usage.open(month, rest);
  return {
    month,
    messages: (meter?.messages ?? 0) + open.messages,
    monthlyActive: (meter?.monthlyActive ?? 0) + open.monthlyActive,
  };
}

/** The current month and those before it that were counted, the newest first. */
export async function usageSince(tx: Tx, from: Month, now: Instant): Promise<MonthUsage[]> {
  const current = Month.of(now);
  const meters = new Map((await tx.usage.meters(from)).map((meter) => [meter.month, meter]));
  const months = [...new Set([...meters.keys(), current])]
    .filter((month) => month <= current)
    .toSorted()
    .toReversed();
  const used: MonthUsage[] = [];
  for (const month of months) used.push(await usageOf(tx, month, meters.get(month)));
  return used;
}

/** Counted in one transaction. */
const STEP_MS = 7 * 86_400_000;
/** Months that a server may have been off. */
const MONTHS_BACK = 24;

const earlier = (a: Instant, b: Instant): Instant => (a < b ? a : b);

type Uow = Readonly<{
  read<T>(account: AccountId, work: (tx: Tx) => Promise<T>): Promise<T>;
  write<T>(account: AccountId, work: (tx: Tx) => Promise<T>): Promise<T>;
}>;

/** Counts for good what came before `until`, from where the last run ended; at first from the beginning of that month. */
export async function countUntil(uow: Uow, account: AccountId, until: Instant): Promise<void> {
  const last = Month.of(until);
  const meters = await uow.read(account, (tx) => tx.usage.meters(Month.shifted(last, -MONTHS_BACK)));
  for (let month = meters.at(-1)?.month ?? last; month <= last; month = Month.shifted(month, 1)) {
    const end = earlier(until, Month.end(month));
    let from = meters.find((meter) => meter.month === month)?.countedUntil ?? Month.start(month);
    while (from < end) {
      const span = { from, until: earlier(new Date(from.getTime() + STEP_MS), end) };
      await uow.write(account, (tx) => tx.usage.close(account, month, span));
      from = span.until;
    }
  }
}
