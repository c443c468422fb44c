import type { CreatedAttachment } from '@coucou/application/attachments/create-attachment';
import type { UploadTarget } from '@coucou/application/ports/upload-targets';
import type { Attachment as WireAttachment } from '@coucou/contracts/attachments/attachment';
import type { Attachment } from '@coucou/domain/attachments/attachment';
import { MediaType } from '@coucou/domain/attachments/media-type';
import type { z } from 'zod';

type Wire = z.infer<typeof WireAttachment>;

const presentTarget = ({ url, fields, expiresAt }: UploadTarget): Wire['upload'] => ({
  method: 'POST',
  url,
  fields: { ...fields },
  expiresAt: expiresAt.toISOString(),
});

export const presentAttachment = (attachment: Attachment): Wire => ({
  id: attachment.id,
  status: attachment.status,
  name: attachment.name,
  type: MediaType.served(attachment.type),
  size: attachment.size,
  width: attachment.width,
  height: attachment.height,
  hasThumbnail: attachment.thumbnailKey !== undefined,
  createdAt: attachment.createdAt.toISOString(),
});

export const presentCreatedAttachment = ({ attachment, upload }: CreatedAttachment): Wire => ({
  ...presentAttachment(attachment),
  upload: upload && presentTarget(upload),
});
