import { asId } from '@coucou/domain/kernel/ids';
import type { NullableJson } from '@coucou/postgres/kit/json';
import type { Selectable } from 'kysely';
import type { BillingAccount } from '../application/billing-ports.ts';
import type { Standing } from '../domain/entitlement.ts';
import type { Content, Origin, Subscription, SubscriptionStatus } from '../domain/subscription.ts';

type AccountTable = {
  account_id: string;
  customer_id: string | null;
  granted_plan: string | null;
  plan: string | null;
  standing: string;
  seats: number | null;
  storage_bytes: number | null;
  version: number;
};
type StoredContent = Readonly<{
  status: string;
  items: readonly Readonly<{ priceId: string; quantity: number }>[];
  createdAt: string;
  periodStart?: string;
  periodEnd?: string;
  cancelAtPeriodEnd: boolean;
}>;
type SubscriptionTable = {
  account_id: string;
  id: string;
  customer_id: string;
  content: NullableJson<StoredContent>;
  as_of: Date | null;
  origin: string | null;
  event_id: string | null;
  invoice_id: string | null;
  invoice_created_at: Date | null;
  invoice_paid: boolean | null;
  invoice_failed_at: Date | null;
};
type EventTable = { account_id: string; id: string; type: string; received_at: Date };
export type BillingTables = { billing_account: AccountTable; billing_subscription: SubscriptionTable; billing_event: EventTable };

export const toAccount = (row: Selectable<AccountTable>): BillingAccount => ({
  accountId: asId(row.account_id),
  customerId: row.customer_id ?? undefined,
  granted: row.granted_plan ?? undefined,
  plan: row.plan ?? undefined,
  standing: row.standing as Standing,
  version: row.version,
});

const toContent = ({ status, items, createdAt, periodStart, periodEnd, cancelAtPeriodEnd }: StoredContent): Content => ({
  status: status as SubscriptionStatus,
  items: items.map(({ priceId, quantity }) => ({ priceId, quantity })),
  createdAt: new Date(createdAt),
  periodStart: periodStart === undefined ? undefined : new Date(periodStart),
  periodEnd: periodEnd === undefined ? undefined : new Date(periodEnd),
  cancelAtPeriodEnd,
});

export const toSubscription = (row: Selectable<SubscriptionTable>): Subscription => ({
  id: row.id,
  snapshot:
    row.content === null || row.as_of === null || row.event_id === null
      ? undefined
      : { content: toContent(row.content), at: row.as_of, origin: row.origin as Origin, eventId: row.event_id },
  invoice:
    row.invoice_id === null || row.invoice_created_at === null
      ? undefined
      : {
          id: row.invoice_id,
          createdAt: row.invoice_created_at,
          isPaid: row.invoice_paid === true,
          failedAt: row.invoice_failed_at ?? undefined,
        },
});

export const fromSubscription = ({ snapshot, invoice }: Subscription) => ({
  content: snapshot === undefined ? null : JSON.stringify(snapshot.content),
  as_of: snapshot?.at ?? null,
  origin: snapshot?.origin ?? null,
  event_id: snapshot?.eventId ?? null,
  invoice_id: invoice?.id ?? null,
  invoice_created_at: invoice?.createdAt ?? null,
  invoice_paid: invoice?.isPaid ?? null,
  invoice_failed_at: invoice?.failedAt ?? null,
});
