import type { NotificationKind } from '@coucou/domain/notifications/notification';

export type NotificationTable = {
  account_id: string;
  user_id: string;
  id: string;
  kind: NotificationKind;
  /** Idempotency key of the notification. */
  once: string;
  actor_id: string;
  conversation_id: string | null;
  message_id: string | null;
  seq: number | null;
  friend_request_id: string | null;
  scheduled_message_id: string | null;
  created_at: Date;
  read_at: Date | null;
};
