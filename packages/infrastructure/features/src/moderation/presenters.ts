import type { testText } from '@coucou/application/moderation/administer-words';
import type { Report as WireReport } from '@coucou/contracts/moderation/create-report';
import type { ModeratedReport } from '@coucou/contracts/moderation/report-queue';
import type { ModerationRule as WireRule } from '@coucou/contracts/moderation/rules';
import type { ModerationRule } from '@coucou/domain/moderation/moderation-rule';
import { Report } from '@coucou/domain/moderation/report';
import type { WordRule } from '@coucou/domain/moderation/word-list';
import type { z } from 'zod';

/** For the reporter; without the evidence. */
export const presentReport = ({ id, subject, reason, createdAt }: Report): z.infer<typeof WireReport> => ({
  id,
  messageId: subject.kind === 'message' ? subject.messageId : undefined,
  userId: subject.userId,
  reason,
  createdAt: createdAt.toISOString(),
});

export function presentModeratedReport(report: Report): z.infer<typeof ModeratedReport> {
  const { subject, decided } = report;
  const of = subject.kind === 'message' ? subject : undefined;
  return {
    id: report.id,
    state: Report.stateOf(report),
    reporterId: report.reporterId,
    ruleId: report.ruleId,
    userId: subject.userId,
    messageId: of?.messageId,
    conversationId: of?.conversationId,
    seq: of?.seq,
    reason: report.reason,
    evidence: subject.snapshot,
    createdAt: report.createdAt.toISOString(),
    assigneeId: report.assigneeId,
    decision: decided?.decision,
    decidedAt: decided?.at.toISOString(),
    decidedById: decided?.byId,
    note: decided?.note,
    mutedUntil: decided?.mutedUntil?.toISOString(),
  };
}

export const presentRule = (rule: ModerationRule): z.infer<typeof WireRule> => ({
  id: rule.id,
  kind: rule.kind,
  threshold: rule.threshold,
  windowSeconds: rule.windowSeconds,
  about: rule.about,
  allowedHosts: rule.kind === 'links' ? [...rule.allowedHosts] : undefined,
  action: rule.action,
  muteSeconds: rule.muteSeconds,
  enabled: rule.enabled,
  createdAt: rule.createdAt.toISOString(),
  updatedAt: rule.updatedAt.toISOString(),
});

export const presentWord = ({ word, action }: WordRule) => ({ word, action });

export const presentTest = ({ outcome, content, words, rules }: Awaited<ReturnType<typeof testText.run>>) => ({
  outcome,
  content,
  words: words.map(({ word, action, from, to }) => ({ word, action, from, to })),
  rules: rules.map(({ id: ruleId, kind, action }) => ({ ruleId, kind, action })),
});
