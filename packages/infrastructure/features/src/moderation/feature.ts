import { bind } from '@coucou/application/kernel/operation';
import { createReport } from '@coucou/application/moderation/create-report';
import { Reports, Suspensions, WordRules } from '@coucou/application/moderation/repositories';
import { screenWords } from '@coucou/application/moderation/screen-words';
import { WordLists } from '@coucou/application/moderation/word-lists';
import { createReport as reportContract } from '@coucou/contracts/moderation/create-report';
import { moderationActions } from '@coucou/domain/moderation/audit-actions';
import { suspensionErrors } from '@coucou/domain/moderation/suspension';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import {
  createReportRepository,
  createSuspensionRepository,
  createWordLists,
  createWordRuleRepository,
} from '@coucou/postgres/moderation/moderation-repositories';
import { feature } from '../feature.ts';
import { presentReport } from './presenters.ts';

export const moderationFeature = feature({
  name: 'moderation',
  operations: [bind(reportContract, createReport, presentReport, ({ existing }) => existing)],
  auditActions: [moderationActions],
  errors: [suspensionErrors],
  hooks: [screenWords],
  storage: {
    repositories: [
      repository(Reports, createReportRepository),
      repository(WordRules, createWordRuleRepository),
      repository(Suspensions, createSuspensionRepository),
    ],
    readers: [reader(WordLists, (_pool, { transactions }) => createWordLists(transactions))],
  },
});
