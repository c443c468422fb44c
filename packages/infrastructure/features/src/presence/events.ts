import { wired } from '@coucou/application/kernel/event';
import { presenceChanged } from '@coucou/application/presence/presence-events';
import * as wire from '@coucou/contracts/presence/presence';
import { Presence } from '@coucou/domain/presence/presence';
import { presentPresence } from './presenters.ts';

export const presenceEvents = [
  wired(
    presenceChanged,
    { 'presence:changed': wire.presenceChanged },
    {
      'presence:changed': ({ presence }, { to, at }) => {
        const own = to.kind === 'devices' && to.userId === presence.userId;
        return { at, ...presentPresence(own ? presence : Presence.shared(presence)) };
      },
    },
  ),
];
