import type { Payload } from '../support/event-log.ts';

/** What a person says about themself; a feed says null of what they took away, a profile nothing. */
export const profileOf = ({ displayName, avatarUrl, bio, custom }: Payload): Payload => ({
  displayName,
  avatarUrl: avatarUrl ?? undefined,
  bio: bio ?? undefined,
  custom: custom ?? undefined,
});

/** What is one person's own, as their feed tells it. */
export class Own {
  readonly friends = new Set<string>();
  readonly blocks = new Set<string>();
  /** Requests that wait, by id, with their direction. */
  readonly requests = new Map<string, string>();
  readonly drafts = new Map<string, string>();
  /** In the order in which they were told. */
  readonly notifications = new Set<string>();
  preferences: Payload;
  profile: Payload;

  /** Applying an entry twice is harmless, and so is one that is older than what was read: all later ones follow. */
  apply(kind: string, payload: Payload): void {
    switch (kind) {
      case 'friend_request.pending':
        this.requests.set(payload.requestId, payload.direction);
        return;
      case 'friend_request.accepted':
        this.requests.delete(payload.requestId);
        this.friends.add(payload.userId);
        return;
      case 'friend_request.rejected':
      case 'friend_request.cancelled':
        this.requests.delete(payload.requestId);
        return;
      case 'friend.removed':
        this.friends.delete(payload.userId);
        return;
      case 'block.added':
        this.blocks.add(payload.userId);
        return;
      case 'block.removed':
        this.blocks.delete(payload.userId);
        return;
      case 'draft.updated':
        if (payload.content === undefined) this.drafts.delete(payload.conversationId);
        else this.drafts.set(payload.conversationId, payload.content);
        return;
      case 'preferences.updated':
        this.preferences = payload.preferences;
        return;
      case 'profile.updated':
        this.profile = profileOf(payload);
        return;
      case 'notification.created':
        this.notifications.add(payload.notificationId);
        return;
      case 'notification.removed':
        this.notifications.delete(payload.notificationId);
        return;
      // Said of something that this copy does not hold.
      case 'notifications.read':
      case 'scheduled.updated':
      case 'thread.read':
        return;
      default:
        throw new Error(`an entry of the feed that nobody knows: ${kind}`);
    }
  }
}
