import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';
import { Attachment } from './attachment.ts';

export const completeAttachment = operation({
  name: 'attachments.complete',
  summary: 'Complete an announced upload: the file is checked, and messages can use it.',
  http: { method: 'POST', path: '/attachments/:attachmentId/complete', status: 200 },
  access: 'user',
  input: z.strictObject({ attachmentId: id('attachment') }),
  output: Attachment,
  errors: ['ATTACHMENT_NOT_FOUND', 'ATTACHMENT_INCOMPLETE', 'ATTACHMENT_TYPE_REFUSED', 'PAYLOAD_TOO_LARGE', 'PLAN_LIMIT_REACHED'],
});
