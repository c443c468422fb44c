import type { UserId } from '../kernel/ids.ts';

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

export interface PreferenceRepository {
  /** Undefined for those who never chose. */
  lookup(userId: UserId): Promise<Preferences | undefined>;
  put(userId: UserId, preferences: Preferences): Promise<void>;
}
