import { event } from '../kernel/event.ts';
import type { AccessChange } from '../ports/session-checks.ts';

/** Who may act has changed: every node refuses the tokens concerned and closes their sockets. */
export const accessChanged = event<{ change: AccessChange }>()({
  type: 'access.changed',
  tells: ['closing'],
  audience: ({ change }) => [{ event: 'closing', to: { kind: 'access', change } }],
});
