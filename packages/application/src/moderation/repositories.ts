import type { ReportRepository, WordRuleRepository, SuspensionRepository } from '@coucou/domain/moderation/moderation-repositories';
import { token } from '../kernel/token.ts';

export const Reports = token<ReportRepository>('Reports');
export const WordRules = token<WordRuleRepository>('WordRules');
export const Suspensions = token<SuspensionRepository>('Suspensions');
