import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';

const input = z.strictObject({ attachmentId: id('attachment') });
const errors = ['ATTACHMENT_NOT_FOUND', 'RANGE_UNSATISFIABLE'];

export const getAttachment = operation({
  name: 'attachments.get',
  summary: 'Download the file; for users who see a message with it, and for its owner while it is unused.',
  http: { method: 'GET', path: '/attachments/:attachmentId', status: 200, file: 'download' },
  access: 'user',
  input,
  errors,
});

export const getThumbnail = operation({
  name: 'attachments.thumbnail',
  summary: 'Thumbnail of an image: WebP, at most 512 pixels wide and high.',
  http: { method: 'GET', path: '/attachments/:attachmentId/thumbnail', status: 200, file: 'download' },
  access: 'user',
  input,
  errors,
});
