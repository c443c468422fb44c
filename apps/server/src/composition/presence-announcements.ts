import type { ActivityLog } from '@coucou/application/ports/activity-log';
import type { LiveEvents } from '@coucou/application/ports/live-events';
import type { PresenceOptions } from '@coucou/application/ports/presence';
import { announcePresence, announcePresencePorts, tellPresence, tellSubscribers } from '@coucou/application/presence/announce-presence';
import { presenceKey } from '@coucou/application/presence/connected-devices';
import { createRetries } from '@coucou/runtime/retries';
import type { Container } from './container.ts';

export type AnnouncementOptions = Readonly<{
  /** Reaches the sockets of this node alone. */
  liveHere: LiveEvents;
  activity: Pick<ActivityLog, 'presenceChanged'> | undefined;
  onError: (error: unknown) => void;
  /** No attempt is repeated any more. */
  ended: AbortSignal;
}>;

/**
 * What becomes of changes of presence: the node that decides one logs and stores it, and announces it to all. While the database is away, changes
 * wait, and of each person the last is announced when it is back.
 */
export function presenceAnnouncements(
  container: Container,
  { liveHere, activity, onError, ended }: AnnouncementOptions,
): Pick<PresenceOptions, 'onChanges'> & Required<Pick<PresenceOptions, 'onHeard'>> {
  const given = () => container.portsOf(announcePresencePorts);
  // The next batch waits, so there is never a newer one.
  const announce = createRetries(ended);
  const tell = createRetries(ended);
  return {
    onChanges(changes, by) {
      if (by === 'decided') activity?.presenceChanged(changes);
      const announcing = {
        decided: () => announcePresence(given(), changes),
        repeated: () => tellPresence(given(), changes),
        missed: () => tellPresence({ ...given(), live: liveHere }, changes),
      };
      return announce(by, announcing[by]).catch(onError);
    },
    onHeard: (change, told) =>
      tell(presenceKey(change.account, change.userId), () => tellSubscribers({ ...given(), live: liveHere }, change, told)).catch(onError),
  };
}
