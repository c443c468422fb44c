import type { AttachmentLimits } from '@coucou/domain/attachments/attachment';
import { token } from '../kernel/token.ts';

/** Limits set by the operator: bytes of one file, and of all files of one user. */
export const AttachmentSettings = token<AttachmentLimits>('AttachmentSettings');
