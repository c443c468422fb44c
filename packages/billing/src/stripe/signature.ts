import type { Instant } from '@coucou/domain/kernel/ids';
import { billingErrors } from '../domain/billing-errors.ts';
import { billingLimits } from '../domain/limits.ts';

/** Stripe signs with each secret of an endpoint, of which there are two while one is rolled. */
const MOST_SIGNATURES = 5;

const refuse = (reason: string) => billingErrors.SIGNATURE_INVALID({ reason });

/**
 * What Stripe's own check leaves open: a header that comes twice, or says two times, of which one could be checked and the other signed; and a time
 * ahead of ours. Throws `BILLING_SIGNATURE_INVALID` with the reason: `missing`, `malformed`, `doubled` or `old`.
 */
export function requireSingle(header: string, now: Instant): void {
  if (header.trim() === '') throw refuse('missing');
  const parts = header.split(',').map((part) => part.trim().split('='));
  if (parts.some((part) => part.length !== 2 || part[1] === '')) throw refuse('malformed');
  const of = (wanted: string) => parts.flatMap(([name, value]) => (name === wanted ? [value ?? ''] : []));
  const [times, signatures] = [of('t'), of('v1')];
  if (times.length > 1 || new Set(signatures).size < signatures.length || signatures.length > MOST_SIGNATURES) throw refuse('doubled');
  const [time] = times;
  if (time === undefined || !/^\d{1,12}$/.test(time) || signatures.length === 0) throw refuse('malformed');
  if (Math.abs(now.getTime() / 1_000 - Number(time)) > billingLimits.toleranceSeconds) throw refuse('old');
}
