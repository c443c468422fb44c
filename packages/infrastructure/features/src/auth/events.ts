import { wired } from '@coucou/application/kernel/event';
import { accessChanged } from '@coucou/application/auth/access-events';
import { closing } from '@coucou/contracts/kernel/connection-events';

const reasons = { ended: 'session_revoked', suspended: 'suspended', restored: 'suspended' } as const;

export const accessEvents = [
  // Sent to nobody by this event: each node closes the sockets concerned, with this as their last event.
  wired(accessChanged, { closing }, { closing: ({ change }, { at }) => ({ at, reason: reasons[change.is] }) }),
];
