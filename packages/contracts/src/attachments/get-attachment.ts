import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { id } from '../kernel/types.ts';

const input = z.strictObject({ attachmentId: id('attachment') });
const errors = ['ATTACHMENT_NOT_FOUND', 'RANGE_UNSATISFIABLE'];

export const getAttachment = operation({
  name: 'attachments.get',
  summary: 'The file: for who sees a message that uses it, and for its owner while none does.',
  http: { method: 'GET', path: '/attachments/:attachmentId', status: 200, file: 'download' },
  access: 'user',
  input,
  errors,
});

export const getThumbnail = operation({
  name: 'attachments.thumbnail',
  summary: 'A small WebP of an image, at most 512 pixels wide and high.',
  http: { method: 'GET', path: '/attachments/:attachmentId/thumbnail', status: 200, file: 'download' },
  access: 'user',
  input,
  errors,
});
