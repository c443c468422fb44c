import type { Instant, UserId } from '@coucou/domain/kernel/ids';
import { event } from '../kernel/event.ts';

/** The order of an erasure, or of what is left of it. `at`: when it begins; absent: at once. */
export const erasureDue = event<Readonly<{ person: UserId; at?: Instant | undefined }>>()({
  type: 'privacy.erasureDue',
  tells: [],
  audience: () => [],
  fact: ({ person }) => ({ person }),
  dueAt: ({ at }) => at,
  dedupKey: ({ person }) => person,
});
