import type { PermissionTable } from '@coucou/domain/conversations/permissions';

/** Closing somebody else's poll. Authors may close their own; creating one needs the permission to post, and voting that to react. */
export const pollPermissions: PermissionTable<'closePoll'> = {
  direct: { closePoll: [] },
  group: { closePoll: ['owner', 'admin', 'moderator'] },
};
