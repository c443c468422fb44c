import type { OutboundFault } from '@coucou/application/ports/outbound-calls';
import type { Finding } from '../../domain/finding.ts';

/** Redirects are not followed, so that there are never too many. */
export const findingOfFault = (fault: OutboundFault): Finding => ({
  outcome: fault === 'too_many_redirects' ? 'redirected' : fault,
  detail: undefined,
});
