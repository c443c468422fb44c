import { asId } from '@coucou/domain/kernel/ids';
import type { PushState } from '../domain/push.ts';

/** A push that waits, beside what its ids stand for now. */
export type StateRow = Readonly<{
  topic: string;
  revision: number;
  created_at: Date;
  notification_id: string | null;
  kind: string | null;
  notification_read: boolean;
  actor_id: string | null;
  actor_name: string | null;
  message_id: string | null;
  seq: number | null;
  sender_id: string | null;
  sender_name: string | null;
  content: string | null;
  unread: boolean | null;
  hidden: boolean;
  conversation_id: string | null;
  type: 'direct' | 'group' | null;
  title: string | null;
  /** Null where the person is no member any more. */
  notify: 'all' | 'mentions' | 'none' | null;
  notify_muted_until: Date | null;
  blocked: boolean;
}>;

function conversationOf({ conversation_id, type, title, notify, notify_muted_until }: StateRow): PushState['conversation'] {
  if (conversation_id === null || type === null || notify === null) return undefined;
  return { id: asId(conversation_id), type, title: title ?? undefined, notify, mutedUntil: notify_muted_until ?? undefined };
}

function messageOf({ message_id, seq, sender_id, sender_name, content, unread, hidden }: StateRow): PushState['message'] {
  if (message_id === null || seq === null || sender_id === null) return undefined;
  return {
    id: asId(message_id),
    seq,
    senderId: asId(sender_id),
    senderName: sender_name ?? undefined,
    content: content ?? undefined,
    isUnread: unread === true,
    isHidden: hidden,
  };
}

function notificationOf({ notification_id, kind, notification_read, actor_id, actor_name }: StateRow): PushState['notification'] {
  if (notification_id === null || kind === null || actor_id === null) return undefined;
  return { id: asId(notification_id), kind, isRead: notification_read, actorId: asId(actor_id), actorName: actor_name ?? undefined };
}

export const toState = (row: StateRow): PushState => ({
  topic: row.topic,
  revision: row.revision,
  createdAt: row.created_at,
  notification: notificationOf(row),
  message: messageOf(row),
  conversation: conversationOf(row),
  isBlocked: row.blocked,
});
