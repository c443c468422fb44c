import type { SignedUrls, SignFile } from '@coucou/application/ports/file-urls';
import type { AttachmentUrls } from '@coucou/application/attachments/list-attachment-urls';
import type { CreatedAttachment } from '@coucou/application/attachments/create-attachment';
import type { UploadTarget } from '@coucou/application/ports/upload-targets';
import type { Attachment as WireAttachment } from '@coucou/contracts/attachments/attachment';
import type { Attachment } from '@coucou/domain/attachments/attachment';
import type { AttachmentUrls as WireUrls } from '@coucou/contracts/attachments/file-urls';
import { MediaType } from '@coucou/domain/attachments/media-type';
import type { z } from 'zod';

type Wire = z.infer<typeof WireAttachment>;

const presentTarget = ({ url, fields, expiresAt }: UploadTarget): Wire['upload'] => ({
  method: 'POST',
  url,
  fields: { ...fields },
  expiresAt: expiresAt.toISOString(),
});

export const presentUrls = ({ url, thumbnailUrl, expiresAt }: SignedUrls) => ({ url, thumbnailUrl, urlExpiresAt: expiresAt });

export const presentUrlList = (files: readonly AttachmentUrls[]): { items: z.infer<typeof WireUrls>[] } => ({
  items: files.map(({ attachmentId, ...urls }) => ({ attachmentId, ...presentUrls(urls) })),
});

const present = (attachment: Attachment): Wire => ({
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

/** While it is pending there is nothing to load. */
export const signedAttachment =
  (sign: SignFile) =>
  (attachment: Attachment): Wire => {
    const shown = present(attachment);
    return attachment.status === 'ready' ? { ...shown, ...presentUrls(sign(shown)) } : shown;
  };

export const presentCreatedAttachment = ({ attachment, upload }: CreatedAttachment): Wire => ({
  ...present(attachment),
  upload: upload && presentTarget(upload),
});
