import type { Report as WireReport } from '@coucou/contracts/moderation/create-report';
import type { Report } from '@coucou/domain/moderation/report';
import type { z } from 'zod';

/** For the reporter; without the evidence. */
export const presentReport = ({ report }: Readonly<{ report: Report }>): z.infer<typeof WireReport> => ({
  id: report.id,
  messageId: report.subject.kind === 'message' ? report.subject.messageId : undefined,
  userId: report.subject.userId,
  reason: report.reason,
  createdAt: report.createdAt.toISOString(),
});
