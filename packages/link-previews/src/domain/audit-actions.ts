import { defineAuditActions } from '@coucou/domain/audit/audit-action';

export const linkPreviewActions = defineAuditActions({
  link_previews_changed: { did: 'switched link previews on or off', target: 'account', details: { previews: 'text' } },
});
