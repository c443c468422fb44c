import type { ConversationId, UserId } from '../kernel/ids.ts';
import type { Receipt } from '../receipts/receipt.ts';

/** Times of day as `HH:MM` in the person's own time zone (IANA name); `from` may lie after `to`, across midnight. */
export type QuietHours = Readonly<{ from: string; to: string; timeZone: string }>;

/** When the digest of what is unread is mailed: at a time of day as `HH:MM` in the person's time zone, every day or on Mondays. */
export type DigestSchedule = Readonly<{ every: 'day' | 'week'; at: string; timeZone: string }>;

export type NotificationRules = Readonly<{
  push: boolean;
  email: boolean;
  mentionsOnly: boolean;
  /** Whether pushes show who wrote what; absent: they do. */
  content?: boolean | undefined;
  quietHours?: QuietHours | undefined;
  /** Absent: every morning, in the zone of the quiet hours. */
  digest?: DigestSchedule | undefined;
}>;

export type Preferences = Readonly<{
  /** BCP 47; absent: the client's own. */
  locale?: string | undefined;
  theme: 'system' | 'light' | 'dark';
  notifications: NotificationRules;
  /** Whether others may see how far the user has read. */
  readReceipts: boolean;
}>;

/** For users who never set any. */
export const defaultPreferences: Preferences = {
  theme: 'system',
  notifications: { push: true, email: true, mentionsOnly: false },
  readReceipts: true,
};

/** Whether read marks become visible to others by this change. */
export const opensMarks = (before: Preferences, after: Preferences): boolean => after.readReceipts && !before.readReceipts;

/** `blockedWith`: present members with a block between them and the person, in either direction. */
export type OpenedMarks = Readonly<{
  conversationId: ConversationId;
  receiptsVersion: number;
  receipt: Receipt;
  blockedWith: readonly UserId[];
}>;
