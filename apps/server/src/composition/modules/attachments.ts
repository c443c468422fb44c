import { completeAttachment } from '@coucou/application/attachments/complete-attachment';
import { createAttachment } from '@coucou/application/attachments/create-attachment';
import { openAttachment, openThumbnail } from '@coucou/application/attachments/open-attachment';
import { bind, bindFile } from '@coucou/application/kernel/module';
import { completeAttachment as completeContract } from '@coucou/contracts/attachments/complete-attachment';
import { createAttachment as createContract } from '@coucou/contracts/attachments/create-attachment';
import { getAttachment, getThumbnail } from '@coucou/contracts/attachments/get-attachment';
import { presentAttachment, presentCreatedAttachment } from '@coucou/features/attachments/presenters';
import type { Module } from '../compose.ts';

export const attachments: Module = {
  name: 'attachments',
  operations: [
    bind(createContract, createAttachment, presentCreatedAttachment),
    bind(completeContract, completeAttachment, ({ attachment }) => presentAttachment(attachment)),
    bindFile(getAttachment, openAttachment),
    bindFile(getThumbnail, openThumbnail),
  ],
};
