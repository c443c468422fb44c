import type { PermissionTable } from '@coucou/domain/conversations/permissions';

/** Closing somebody else's poll. One's own closes whoever made it; making one is posting, and voting is reacting. */
export const pollPermissions: PermissionTable<'closePoll'> = {
  direct: { closePoll: [] },
  group: { closePoll: ['owner', 'admin', 'moderator'] },
};
