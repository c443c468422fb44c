import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { text } from '../kernel/types.ts';
import { Attachment } from './attachment.ts';

export const createAttachment = operation({
  name: 'attachments.create',
  summary: 'Upload a file with this request (multipart/form-data, field "file"), or announce one and get the target to upload it to.',
  http: { method: 'POST', path: '/attachments', status: 201, file: 'upload' },
  access: 'user',
  input: z.strictObject({
    name: text({ min: 1, max: 1_024 }).meta({ examples: ['holiday.jpg'] }),
    size: z
      .int()
      .min(1)
      .meta({ description: 'bytes, exactly', examples: [482_113] }),
    type: z.string().max(255).optional().meta({ description: 'ignored: the type is detected from the content' }),
  }),
  output: Attachment,
  errors: ['ATTACHMENT_TYPE_REFUSED', 'ATTACHMENT_INCOMPLETE', 'PLAN_LIMIT_REACHED'],
});
