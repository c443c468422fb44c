import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id, idList, time } from '../kernel/types.ts';

const url = z.string().meta({ examples: ['/api/v1/files/…'] });

/** Where a browser loads a file from, without a header: for the caller of one answer, and for minutes. */
export const fileUrls = {
  url: url.meta({ description: 'signed, for you alone; absolute, or from the root of this server. Never store or share it' }),
  thumbnailUrl: url.optional().meta({ description: 'the same of the thumbnail, where there is one' }),
  urlExpiresAt: time.meta({ description: '10 to 15 minutes from now; then ask attachments.urls for new ones' }),
};

export const AttachmentUrls = z.object({ attachmentId: id('attachment'), ...fileUrls }).meta({ id: 'AttachmentUrls' });

export const listAttachmentUrls = operation({
  name: 'attachments.urls',
  summary:
    'Signed URLs of up to 100 files: of what arrived live or by sync, and instead of expired ones. Files that you may not open are left out.',
  http: { method: 'POST', path: '/attachments/urls', status: 200 },
  access: 'user',
  input: z.strictObject({ attachmentIds: idList('attachment', limits.batch) }),
  output: z.object({ items: z.array(AttachmentUrls) }),
  errors: [],
});
