import type { AttachmentRepository } from '@coucou/domain/attachments/attachment-repository';
import { token } from '../kernel/token.ts';

export const Attachments = token<AttachmentRepository>('Attachments');
