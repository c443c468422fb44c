import { asId } from '@coucou/domain/kernel/ids';
import type { PushAddress } from '@coucou/domain/notifications/push-address';
import type { Selectable } from 'kysely';
import type { PushSubscription } from '../domain/subscription.ts';

type SubscriptionTable = {
  account_id: string;
  id: string;
  user_id: string;
  session_id: string;
  service: 'web' | 'apns' | 'fcm';
  address: string;
  p256dh: string | null;
  auth: string | null;
  failures: number;
  failing_since: Date | null;
  paused_until: Date | null;
  claimed_until: Date | null;
  created_at: Date;
};
type WaitingTable = {
  account_id: string;
  subscription_id: string;
  topic: string;
  message_id: string | null;
  notification_id: string | null;
  due_at: Date;
  revision: number;
  created_at: Date;
};
type DigestTable = { account_id: string; user_id: string; next_at: Date; sent_at: Date | null };
export type PushTables = { push_subscription: SubscriptionTable; push_waiting: WaitingTable; digest: DigestTable };
export type SubscriptionRow = Selectable<SubscriptionTable>;

const addressOf = ({ service, address, p256dh, auth }: SubscriptionRow): PushAddress =>
  service === 'web' ? { service, endpoint: address, p256dh: p256dh ?? '', auth: auth ?? '' } : { service, token: address };

export const toSubscription = (row: SubscriptionRow): PushSubscription => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  userId: asId(row.user_id),
  sessionId: asId(row.session_id),
  address: addressOf(row),
  failures: row.failures,
  failingSince: row.failing_since ?? undefined,
  pausedUntil: row.paused_until ?? undefined,
  claimedUntil: row.claimed_until ?? undefined,
  createdAt: row.created_at,
});

/** What an attempt changes. */
const changesOf = ({ failures, failingSince, pausedUntil, claimedUntil }: PushSubscription) => ({
  failures,
  failing_since: failingSince ?? null,
  paused_until: pausedUntil ?? null,
  claimed_until: claimedUntil ?? null,
});

const fromSubscription = (subscription: PushSubscription) => {
  const { accountId, id, userId, sessionId, address, createdAt } = subscription;
  const isWeb = address.service === 'web';
  return {
    account_id: accountId,
    id,
    user_id: userId,
    session_id: sessionId,
    service: address.service,
    address: isWeb ? address.endpoint : address.token,
    p256dh: isWeb ? address.p256dh : null,
    auth: isWeb ? address.auth : null,
    ...changesOf(subscription),
    created_at: createdAt,
  };
};

export const rows = { changesOf, fromSubscription };
