import { defineErrors } from '../kernel/errors.ts';
import type { Instant } from '../kernel/ids.ts';

export const suspensionErrors = defineErrors('USER', {
  SUSPENDED: ['forbidden', 'This account is suspended; contact the operator of this service.'],
});

/** A suspended person neither signs in nor refreshes nor posts. */
function requireNone(since: Instant | undefined): void {
  if (since !== undefined) throw suspensionErrors.SUSPENDED();
}

export const Suspension = { requireNone };
