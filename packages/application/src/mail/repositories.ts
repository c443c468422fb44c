import type { MailTemplateRepository } from '@coucou/domain/mail/mail-template-repository';
import { token } from '../kernel/token.ts';

export const MailTemplates = token<MailTemplateRepository>('MailTemplates');
