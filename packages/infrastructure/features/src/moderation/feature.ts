import { wired } from '@coucou/application/kernel/event';
import { bind } from '@coucou/application/kernel/operation';
import { muteUser, unmuteUser } from '@coucou/application/moderation/administer-mutes';
import { createRule, deleteRule, listRules, putRule } from '@coucou/application/moderation/administer-rules';
import { deleteWord, listWords, putWord, testText } from '@coucou/application/moderation/administer-words';
import { createReport } from '@coucou/application/moderation/create-report';
import { decideReport, reportDecidedKind, warnedKind } from '@coucou/application/moderation/decide-report';
import { messageFlagged } from '@coucou/application/moderation/moderation-events';
import { mutedKind } from '@coucou/application/moderation/mute-person';
import { reportFlagged } from '@coucou/application/moderation/report-by-rule';
import { assignReport, getReport, listReports } from '@coucou/application/moderation/report-queue';
import { ModerationRules, ReportQueue, Reports, Suspensions, WordRules } from '@coucou/application/moderation/repositories';
import { screenContent } from '@coucou/application/moderation/screen-content';
import { Screenings } from '@coucou/application/moderation/screening';
import { createReport as reportContract } from '@coucou/contracts/moderation/create-report';
import * as queue from '@coucou/contracts/moderation/report-queue';
import * as rules from '@coucou/contracts/moderation/rules';
import * as words from '@coucou/contracts/moderation/words';
import { moderationActions } from '@coucou/domain/moderation/audit-actions';
import { ruleErrors, wordErrors } from '@coucou/domain/moderation/moderation-rule';
import { muteErrors } from '@coucou/domain/moderation/mute';
import { reportErrors } from '@coucou/domain/moderation/report';
import { suspensionErrors } from '@coucou/domain/moderation/suspension';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import {
  createModerationRuleRepository,
  createScreenings,
  createSuspensionRepository,
  createWordRuleRepository,
} from '@coucou/postgres/moderation/moderation-repositories';
import { createReportQueue, createReportRepository } from '@coucou/postgres/moderation/report-repositories';
import { feature } from '../feature.ts';
import { presentModeratedReport, presentReport, presentRule, presentTest, presentWord } from './presenters.ts';

const nothing = () => {};

export const moderationFeature = feature({
  name: 'moderation',
  operations: [
    bind(
      reportContract,
      createReport,
      ({ report }) => presentReport(report),
      ({ existing }) => existing,
    ),
    bind(queue.listReports, listReports, ({ items, nextCursor = null }) => ({ items: items.map(presentModeratedReport), nextCursor })),
    bind(queue.getReport, getReport, presentModeratedReport),
    bind(queue.assignReport, assignReport, presentModeratedReport),
    bind(queue.decideReport, decideReport, presentModeratedReport),
    bind(queue.muteUser, muteUser, ({ mutedUntil }) => ({ mutedUntil: mutedUntil.toISOString() })),
    bind(queue.unmuteUser, unmuteUser, nothing),
    bind(rules.listModerationRules, listRules, ({ items }) => ({ items: items.map(presentRule) })),
    bind(rules.createModerationRule, createRule, presentRule),
    bind(rules.putModerationRule, putRule, presentRule),
    bind(rules.deleteModerationRule, deleteRule, nothing),
    bind(words.listWords, listWords, ({ items, nextCursor = null }) => ({ items: items.map(presentWord), nextCursor })),
    bind(words.putWord, putWord, presentWord),
    bind(words.deleteWord, deleteWord, nothing),
    bind(words.testText, testText, presentTest),
  ],
  auditActions: [moderationActions],
  errors: [suspensionErrors, muteErrors, reportErrors, ruleErrors, wordErrors],
  events: [wired(messageFlagged, {}, {})],
  feedEntries: queue.moderationFeedEntries,
  notificationKinds: [mutedKind, warnedKind, reportDecidedKind],
  hooks: [screenContent],
  subscribers: [reportFlagged],
  storage: {
    repositories: [
      repository(Reports, createReportRepository),
      repository(ReportQueue, createReportQueue),
      repository(ModerationRules, createModerationRuleRepository),
      repository(WordRules, createWordRuleRepository),
      repository(Suspensions, createSuspensionRepository),
    ],
    readers: [reader(Screenings, (_pool, { transactions }) => createScreenings(transactions))],
  },
});
