import type { Preferences as WirePreferences } from '@coucou/contracts/preferences/preferences';
import type { Preferences } from '@coucou/domain/preferences/preferences';
import type { z } from 'zod';

export const presentPreferences = ({ locale, theme, notifications, readReceipts }: Preferences): z.infer<typeof WirePreferences> => ({
  locale,
  theme,
  notifications: {
    push: notifications.push,
    email: notifications.email,
    mentionsOnly: notifications.mentionsOnly,
    content: notifications.content,
    quietHours: notifications.quietHours && {
      from: notifications.quietHours.from,
      to: notifications.quietHours.to,
      timeZone: notifications.quietHours.timeZone,
    },
    digest: notifications.digest && {
      every: notifications.digest.every,
      at: notifications.digest.at,
      timeZone: notifications.digest.timeZone,
    },
  },
  readReceipts,
});
