import type { AttachmentLimits } from '@coucou/domain/attachments/attachment';
import { token } from '../kernel/token.ts';

/** What operators allow: bytes of one file, and of all files of one person. */
export const AttachmentSettings = token<AttachmentLimits>('AttachmentSettings');
