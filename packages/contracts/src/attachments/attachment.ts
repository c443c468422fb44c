import { z } from 'zod';
import { counter, id, time } from '../kernel/types.ts';
import { fileUrls } from './file-urls.ts';

export const UploadTarget = z
  .object({
    method: z.literal('POST'),
    url: z.string().meta({ description: 'absolute, or from the root of this server', examples: ['/api/v1/attachments/…/content'] }),
    fields: z
      .record(z.string(), z.string())
      .meta({ description: 'send a form (multipart/form-data) of these, and last the file, named "file"' }),
    expiresAt: time,
  })
  .meta({ id: 'UploadTarget' });

export const Attachment = z
  .object({
    id: id('attachment'),
    status: z.enum(['pending', 'ready']).meta({ description: 'messages can use it once it is ready' }),
    name: z.string().meta({ description: 'a sanitised label, never a path' }),
    type: z.string().meta({ description: 'detected from the content; meaningless while pending', examples: ['image/png'] }),
    size: counter,
    width: z.int().optional(),
    height: z.int().optional(),
    hasThumbnail: z.boolean(),
    createdAt: time,
    url: fileUrls.url.optional(),
    thumbnailUrl: fileUrls.thumbnailUrl,
    urlExpiresAt: fileUrls.urlExpiresAt.optional(),
    upload: UploadTarget.optional().meta({ description: 'where to send the file that was announced' }),
  })
  .meta({ id: 'Attachment' });
