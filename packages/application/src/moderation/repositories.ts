import type {
  ModerationRuleRepository,
  ReportQueue as ReportQueueRepository,
  ReportRepository,
  SuspensionRepository,
  WordRuleRepository,
} from '@coucou/domain/moderation/moderation-repositories';
import { token } from '../kernel/token.ts';

export const Reports = token<ReportRepository>('Reports');
export const ReportQueue = token<ReportQueueRepository>('ReportQueue');
export const ModerationRules = token<ModerationRuleRepository>('ModerationRules');
export const WordRules = token<WordRuleRepository>('WordRules');
export const Suspensions = token<SuspensionRepository>('Suspensions');
