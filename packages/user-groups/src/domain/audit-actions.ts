import { defineAuditActions } from '@coucou/domain/audit/audit-action';

export const userGroupActions = defineAuditActions({
  user_group_created: { did: 'added a user group', target: 'userGroup', details: { handle: 'text', members: 'number' } },
  user_group_updated: { did: 'changed a user group', target: 'userGroup', details: { handle: 'text', changed: 'texts' } },
  user_group_deleted: { did: 'deleted a user group', target: 'userGroup', details: { handle: 'text' } },
});
