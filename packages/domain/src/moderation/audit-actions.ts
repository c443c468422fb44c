import { defineAuditActions } from '../audit/audit-action.ts';

const rule = { kind: 'text', action: 'text', threshold: 'number' } as const;

export const moderationActions = defineAuditActions({
  report_made: {
    did: 'reported a message or a person; the report says whom',
    target: 'report',
    details: { kind: 'text', ruleId: 'text?' },
  },
  report_assigned: { did: 'gave a report to a moderator, or to nobody', target: 'report', details: { assigneeId: 'text?' } },
  report_decided: { did: 'decided a report', target: 'report', details: { decision: 'text', userId: 'text' } },
  user_warned: { did: 'warned somebody about what was reported', target: 'user', details: { reportId: 'text' } },
  user_muted: {
    did: 'kept somebody from writing for a time',
    target: 'user',
    details: { until: 'text', reportId: 'text?', ruleId: 'text?' },
  },
  user_unmuted: { did: 'let somebody write again', target: 'user', details: {} },
  moderation_rule_created: { did: 'added an automatic rule', target: 'moderationRule', details: rule },
  moderation_rule_changed: { did: 'changed an automatic rule', target: 'moderationRule', details: rule },
  moderation_rule_deleted: { did: 'deleted an automatic rule', target: 'moderationRule', details: rule },
  word_listed: { did: 'listed a word that is masked or rejected', target: 'account', details: { word: 'text', action: 'text' } },
  word_unlisted: { did: 'took a word from the list', target: 'account', details: { word: 'text' } },
});
