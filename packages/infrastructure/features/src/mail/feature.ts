import { changeEmail, undoEmailChange } from '@coucou/application/auth/change-email';
import { changePassword } from '@coucou/application/auth/change-password';
import { forgotPassword, resetPassword } from '@coucou/application/auth/forgotten-password';
import { consumeMagicLink, requestMagicLink } from '@coucou/application/auth/magic-link';
import { resendVerification } from '@coucou/application/auth/resend-verification';
import { verifyEmail } from '@coucou/application/auth/verify-email';
import { wired } from '@coucou/application/kernel/event';
import { bind } from '@coucou/application/kernel/operation';
import { mailDue } from '@coucou/application/mail/mail-events';
import * as templates from '@coucou/application/mail/mail-templates';
import { MailTemplates } from '@coucou/application/mail/repositories';
import { sendMail } from '@coucou/application/mail/send-mail';
import * as email from '@coucou/contracts/auth/email';
import * as magicLinks from '@coucou/contracts/auth/magic-links';
import * as passwords from '@coucou/contracts/auth/passwords';
import * as templateContracts from '@coucou/contracts/mail/templates';
import { mailErrors } from '@coucou/domain/auth/mailed-link';
import { mailActions } from '@coucou/domain/mail/audit-actions';
import { mailTemplateErrors } from '@coucou/domain/mail/mail-template';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { createMailTemplateRepository } from '@coucou/postgres/mail/mail-template-repository';
import { presentAuthenticated } from '../auth/presenters.ts';
import { feature } from '../feature.ts';
import { presentPreview, presentTemplate, presentTemplates } from './template-presenters.ts';
import { presentOwnUser } from '../users/presenters.ts';

/** Mail, and what people do by mail. */
export const mailFeature = feature({
  name: 'mail',
  operations: [
    bind(email.verifyEmail, verifyEmail, presentOwnUser),
    bind(email.resendVerification, resendVerification, () => {}),
    bind(email.changeEmail, changeEmail, () => {}),
    bind(email.undoEmailChange, undoEmailChange, () => {}),
    bind(passwords.forgotPassword, forgotPassword, () => {}),
    bind(passwords.resetPassword, resetPassword, () => {}),
    bind(passwords.changePassword, changePassword, () => {}),
    bind(magicLinks.requestMagicLink, requestMagicLink, () => {}),
    bind(magicLinks.consumeMagicLink, consumeMagicLink, presentAuthenticated),
    bind(templateContracts.listMailTemplates, templates.listMailTemplates, presentTemplates),
    bind(templateContracts.getMailTemplate, templates.getMailTemplate, presentTemplate),
    bind(templateContracts.putMailTemplate, templates.putMailTemplate, presentTemplate),
    bind(templateContracts.deleteMailTemplate, templates.deleteMailTemplate, () => {}),
    bind(templateContracts.previewMailTemplate, templates.previewMailTemplate, presentPreview),
  ],
  errors: [mailErrors, mailTemplateErrors],
  auditActions: [mailActions],
  events: [wired(mailDue, {}, {})],
  subscribers: [sendMail],
  storage: { repositories: [repository(MailTemplates, createMailTemplateRepository)] },
});
