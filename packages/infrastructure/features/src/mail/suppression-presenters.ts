import type { listMailSuppressions } from '@coucou/contracts/mail/suppressions';
import type { MailSuppression } from '@coucou/domain/mail/mail-suppression';
import type { z } from 'zod';

type Wire = z.infer<NonNullable<(typeof listMailSuppressions)['output']>>['items'][number];

export const presentMailSuppression = ({ id, address, reason, suppressedAt, expiresAt }: MailSuppression): Wire => ({
  id,
  address,
  reason,
  // Those that are listed hold mail back.
  suppressedAt: (suppressedAt ?? new Date(0)).toISOString(),
  expiresAt: expiresAt?.toISOString(),
});
