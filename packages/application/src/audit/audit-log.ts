import type { AuditLogRepository } from '@coucou/domain/audit/audit-entry';
import { token } from '../kernel/token.ts';

export const AuditLog = token<AuditLogRepository>('AuditLog');
