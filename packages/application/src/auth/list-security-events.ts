import { adminUseCase } from '../kernel/use-case.ts';
import { type SecurityEventFilter, SecurityEventReader } from './security-event-reader.ts';

export type ListSecurityEvents = SecurityEventFilter & Readonly<{ limit: number; cursor?: string | undefined }>;

export const listSecurityEvents = adminUseCase({
  name: 'admin.listSecurityEvents',
  deps: { reader: SecurityEventReader },
  run: ({ reader }, { userId, kind, limit, cursor }: ListSecurityEvents, { account }) =>
    reader.list(account, { userId, kind }, { limit, cursor }),
});
