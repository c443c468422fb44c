import type { ActivityLog } from '@coucou/application/ports/activity-log';
import type { LiveEvents } from '@coucou/application/ports/live-events';
import type { PresenceOptions } from '@coucou/application/ports/presence';
import { announcePresence, announcePresencePorts, tellPresence, tellSubscribers } from '@coucou/application/presence/announce-presence';
import type { Container } from './container.ts';

export type AnnouncementOptions = Readonly<{
  /** Reaches the sockets of this node alone. */
  liveHere: LiveEvents;
  activity: Pick<ActivityLog, 'presenceChanged'> | undefined;
  onError: (error: unknown) => void;
}>;

/** What becomes of changes of presence: the node that decides one logs and stores it, and announces it to all. */
export function presenceAnnouncements(
  container: Container,
  { liveHere, activity, onError }: AnnouncementOptions,
): Pick<PresenceOptions, 'onChanges'> & Required<Pick<PresenceOptions, 'onHeard'>> {
  const given = () => container.portsOf(announcePresencePorts);
  return {
    onChanges(changes, by) {
      if (by === 'decided') activity?.presenceChanged(changes);
      const announcing = {
        decided: () => announcePresence(given(), changes),
        repeated: () => tellPresence(given(), changes),
        missed: () => tellPresence({ ...given(), live: liveHere }, changes),
      };
      return announcing[by]().catch(onError);
    },
    onHeard: (change, told) => tellSubscribers({ ...given(), live: liveHere }, change, told).catch(onError),
  };
}
