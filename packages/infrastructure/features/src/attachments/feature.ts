import { AttachmentReader } from '@coucou/application/attachments/attachment-reader';
import { collectUnused } from '@coucou/application/attachments/collect-attachments';
import { completeAttachment } from '@coucou/application/attachments/complete-attachment';
import { createAttachment } from '@coucou/application/attachments/create-attachment';
import { listAttachmentUrls } from '@coucou/application/attachments/list-attachment-urls';
import { openAttachment, openThumbnail } from '@coucou/application/attachments/open-attachment';
import { Attachments } from '@coucou/application/attachments/repositories';
import { bind, bindFile, bindSigned } from '@coucou/application/kernel/operation';
import { completeAttachment as completeContract } from '@coucou/contracts/attachments/complete-attachment';
import { createAttachment as createContract } from '@coucou/contracts/attachments/create-attachment';
import { listAttachmentUrls as urlsContract } from '@coucou/contracts/attachments/file-urls';
import { getAttachment, getThumbnail } from '@coucou/contracts/attachments/get-attachment';
import { attachmentErrors } from '@coucou/domain/attachments/attachment';
import { createAttachmentReader, createAttachmentRepository } from '@coucou/postgres/attachments/attachment-repository';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { feature } from '../feature.ts';
import { presentCreatedAttachment, presentUrlList, signedAttachment } from './presenters.ts';

export const attachmentsFeature = feature({
  name: 'attachments',
  operations: [
    bind(createContract, createAttachment, presentCreatedAttachment),
    bindSigned(
      completeContract,
      completeAttachment,
      (sign) =>
        ({ attachment }) =>
          signedAttachment(sign)(attachment),
    ),
    bind(urlsContract, listAttachmentUrls, presentUrlList),
    bindFile(getAttachment, openAttachment),
    bindFile(getThumbnail, openThumbnail),
  ],
  errors: [attachmentErrors],
  jobs: [collectUnused],
  storage: {
    repositories: [repository(Attachments, createAttachmentRepository)],
    readers: [reader(AttachmentReader, createAttachmentReader)],
  },
});
