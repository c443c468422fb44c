import type { ConversationId, UserId } from '../kernel/ids.ts';
import type { Receipt } from '../receipts/receipt.ts';

/** Times of day as `HH:MM` in the person's own time zone (IANA name); `from` may lie after `to`, across midnight. */
export type QuietHours = Readonly<{ from: string; to: string; timeZone: string }>;

export type NotificationRules = Readonly<{ push: boolean; email: boolean; mentionsOnly: boolean; quietHours?: QuietHours | undefined }>;

export type Preferences = Readonly<{
  /** BCP 47; absent: the client's own. */
  locale?: string | undefined;
  theme: 'system' | 'light' | 'dark';
  notifications: NotificationRules;
  /** Whether others are told how far the person has read. */
  readReceipts: boolean;
}>;

/** Of those who never chose. */
export const defaultPreferences: Preferences = {
  theme: 'system',
  notifications: { push: true, email: true, mentionsOnly: false },
  readReceipts: true,
};

/** Whether others may know from now on how far the person has read, and might not before. */
export const opensMarks = (before: Preferences, after: Preferences): boolean => after.readReceipts && !before.readReceipts;

/** `blockedWith`: present members with a block between them and the person, in either direction. */
export type OpenedMarks = Readonly<{
  conversationId: ConversationId;
  receiptsVersion: number;
  receipt: Receipt;
  blockedWith: readonly UserId[];
}>;
