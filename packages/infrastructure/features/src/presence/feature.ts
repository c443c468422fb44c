import { bind } from '@coucou/application/kernel/operation';
import { getPresence, queryPresence, setPresence } from '@coucou/application/presence/get-presence';
import * as presence from '@coucou/contracts/presence/presence';
import { feature } from '../feature.ts';
import { presenceEvents } from './events.ts';
import { presentPresence, presentPresences } from './presenters.ts';

const nothing = () => {};

export const presenceFeature = feature({
  name: 'presence',
  operations: [
    bind(presence.getPresence, getPresence, presentPresence),
    bind(presence.queryPresence, queryPresence, presentPresences),
    bind(presence.setPresence, setPresence, nothing),
  ],
  events: presenceEvents,
});
