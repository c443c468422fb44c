import type { MailTemplateRepository } from '@coucou/domain/mail/mail-template-repository';
import type { MailSuppressionRepository } from '@coucou/domain/mail/mail-suppression-repository';
import { token } from '../kernel/token.ts';

export const MailSuppressions = token<MailSuppressionRepository>('MailSuppressions');
export const MailTemplates = token<MailTemplateRepository>('MailTemplates');
